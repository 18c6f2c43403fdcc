"""The demo of `make run`: database, web, worker and telephones on this machine, on a Sunday at two in the morning."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

import requests
from sqlalchemy import exists, select, text

from core.clock import ShiftedClock, real_now
from core.jobs import WORKERS
from core.processes import Program, StartError, Supervisor
from core.schema import upgrade
from demo import pretended_time
from demo.accounts import DEMO_ACCOUNTS, make_demo_accounts
from demo.month.making import make_month
from demo.month.story import read_stories
from oncall.customers.pins import PinKeys
from oncall.directory import Directory, apply, parse
from oncall.directory.model import CustomerEntry
from oncall.models.customers import default_zone
from oncall.models.stored_settings import CLOCK_SHIFT, clock_shift, write
from oncall.runtime import Runtime, Work
from schedules.wall_clock import wall_time, written_day, written_wall

ROOT: Final = Path(__file__).resolve().parents[1]
DIRECTORY: Final = Path(__file__).with_name("demo.yaml")
START: Final = "Sunday 02:00"
HOST: Final = "127.0.0.1"

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo can't start; one line that names the remedy."""


def run_demo(runtime: Runtime, port: int, simulator_port: int, say: Say, *, empty: bool = False) -> int:
    """Prepare everything, run it until SIGINT or SIGTERM; the exit status. Raises DemoError.

    `empty`: begin without the month of tickets.
    """
    if not runtime.settings.simulated:
        raise DemoError("TWILIO_ACCOUNT_SID is set, and the demo brings its own telephones: unset it")
    _refuse_taken_ports({"--port": port, "--simulator-port": simulator_port})
    directory = parse(DIRECTORY.read_text(encoding="utf-8"))
    prepare(runtime, directory)
    if not empty:
        fill(runtime, say)
    programs = _programs(runtime, directory, port, simulator_port)
    say(f"Starting {', '.join(program.name for program in programs)} ...")
    try:
        Supervisor(programs, say).run(lambda: say(welcome(runtime, directory, port)))
    except StartError as error:
        raise DemoError(str(error)) from None
    say("All stopped.")
    return 0


def prepare(runtime: Runtime, directory: Directory) -> None:
    """Schema, directory, accounts, and the pretended time that all processes share."""
    upgrade(runtime.database.engine)
    with runtime.database.transaction() as session:
        apply(session, directory, runtime.clock.now(), PinKeys(runtime.settings.pin_secret))
        make_demo_accounts(session, real_now())
    with runtime.database.transaction() as session:
        started = runtime.settings.clock_start
        if started is not None:
            write(session, CLOCK_SHIFT, (started - real_now()).total_seconds())
            return
        # Counted from an earlier run's pretended time, so that what happened in it stays in the past.
        latest = max(real_now(), runtime.clock.now())
        zone = default_zone(session, runtime.settings.default_region)
        pretended_time.set_time(
            session, real_now(), runtime.clock.shift(), pretended_time.read_time(START, latest, zone)
        )


def fill(runtime: Runtime, say: Say) -> None:
    """The month of tickets behind it, where there is no ticket yet."""
    began = time.monotonic()
    with runtime.database.transaction() as session:
        shift = clock_shift(session) or runtime.clock.shift()
        work = Work(session, replace(runtime, clock=ShiftedClock(shift)), real_now() + shift)
        tickets = make_month(work, read_stories())
    if tickets:
        say(f"Made a month of {tickets} tickets in {time.monotonic() - began:.1f} s.")


def phones(directory: Directory, today: date) -> list[dict[str, str]]:
    """The simulator's telephones: everybody in the directory, with what a newcomer must know of them."""
    customers = [
        _phone(number, customer.name, "customer", f"PIN {customer.pin} · {_cover(customer, today)}")
        for customer in directory.customers
        for number in customer.phones
    ]
    people = [_phone(each.phone, each.name, each.role.value, f"PIN {each.pin}") for each in directory.people]
    offices = [
        _phone(region.office_number, f"{region.name.capitalize()} office", "office", "called in staffed hours")
        for region in directory.regions[:1]
        if region.office_number
    ]
    return customers + people + offices


def _phone(number: str, name: str, role: str, note: str) -> dict[str, str]:
    return {"number": number, "name": name, "role": role, "note": note}


def welcome(runtime: Runtime, directory: Directory, port: int) -> str:
    """What to open, whom to be, which keys to press."""
    local, zone = _local(runtime)
    first = directory.customers[0]
    base = f"http://{HOST}:{port}"
    return "\n".join(
        [
            "",
            "Nightline is running.",
            "",
            f"  {base}/simulator/   all the telephones on one page: start here",
            f"  {base}/rosters      the rosters: sign in as one of the accounts below",
            f"  {base}/             the gateway",
            "",
            f"It is pretended to be {written_wall(local)} ({zone}).",
            f"From the phone of {first.name}, call {runtime.settings.our_number}, type {first.pin}#, then 1, then 1.",
            "A technician's phone rings: answer it and press 1.",
            "",
            "Customers" + " " * 14 + "phone          PIN",
            *(_line(each.name, each.phones[0], each.pin, _cover(each, local.date())) for each in directory.customers),
            "",
            "Who is called" + " " * 10 + "phone          own PIN",
            *(_line(each.name, each.phone, each.pin, each.role.spoken) for each in directory.people),
            "",
            "Accounts" + " " * 24 + "password" + " " * 22 + "role",
            *(f"  {email:<29} {password:<29} {role.value}" for email, password, role in DEMO_ACCOUNTS),
            "",
            f"Logs are in {_logs(runtime)}. Ctrl-C stops everything.",
            "",
        ]
    )


def _local(runtime: Runtime) -> tuple[datetime, str]:
    """The pretended wall-clock time of the default region, and its zone."""
    with runtime.database.transaction() as session:
        zone = default_zone(session, runtime.settings.default_region)
        shift = clock_shift(session) or runtime.clock.shift()
    return wall_time(real_now() + shift, zone), zone


def _line(name: str, phone: str, pin: str | None, more: str) -> str:
    return f"  {name:<20} {phone:<14} {pin or 'none':<9} {more}"


def _cover(customer: CustomerEntry, today: date) -> str:
    contract = customer.contract
    in_force = contract.start <= today <= contract.end
    return f"{contract.plan.value.capitalize()}, {'in force' if in_force else f'lapsed on {written_day(contract.end)}'}"


def _logs(runtime: Runtime) -> Path:
    return runtime.settings.var_dir.resolve() / "log"


def _programs(runtime: Runtime, directory: Directory, port: int, simulator_port: int) -> list[Program]:
    logs = _logs(runtime)
    logs.mkdir(parents=True, exist_ok=True)
    base, network = f"http://{HOST}:{port}", f"http://{HOST}:{simulator_port}"
    environment = {
        **os.environ,
        "DATABASE_URL": runtime.database.url,
        "PUBLIC_URL": base,
        "SIMULATOR_URL": network,
        "VAR_DIR": str(runtime.settings.var_dir.resolve()),
        "PYTHONUNBUFFERED": "1",
        # The look-alike writes for nothing what Twilio is paid for.
        "TRANSCRIBE": os.environ.get("TRANSCRIBE", "true"),
    }
    # By the environment, as anybody on the machine can read command lines.
    secret = {"TWILIO_AUTH_TOKEN": runtime.settings.auth_token}

    def program(name: str, arguments: list[str], env: dict[str, str], ready: Callable[[], bool]) -> Program:
        return Program(name, [sys.executable, "-m", *arguments], env, ROOT, logs / f"{name}.log", ready)

    simulator = _simulator(runtime, directory, base, simulator_port)
    web = ["gunicorn", "--bind", f"{HOST}:{port}", "app:create_app()"]
    started = _database_time(runtime)
    return [
        program("telephones", simulator, environment | secret, lambda: _answers(f"{network}/simulator/")),
        program("web", web, environment, lambda: _answers(f"{base}/readyz")),
        program("worker", ["flask", "worker"], environment, lambda: _worker_since(runtime, started)),
    ]


def _answers(address: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business between neighbours
        try:
            return session.get(address, timeout=2).ok
        except (requests.ConnectionError, requests.Timeout):
            return False


def _database_time(runtime: Runtime) -> datetime:
    with runtime.database.engine.connect() as connection:
        at: datetime = connection.execute(text("SELECT now()")).scalar_one()
        return at


def _worker_since(runtime: Runtime, started: datetime) -> bool:
    """Whether a worker has reported after that instant of the database's clock."""
    query = select(exists(WORKERS.c.id).where(WORKERS.c.last_heartbeat > started))
    with runtime.database.engine.connect() as connection:
        return bool(connection.scalar(query))


def _refuse_taken_ports(ports: Mapping[str, int]) -> None:
    """Raises DemoError for the first port that somebody listens on."""
    for option, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise DemoError(
                    f"port {port} is taken: stop what listens there (another demo?), or choose another port: {option}"
                ) from None


def _simulator(runtime: Runtime, directory: Directory, base: str, port: int) -> list[str]:
    settings = runtime.settings
    listed = settings.var_dir.resolve() / "demo_phones.json"
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text(json.dumps(phones(directory, _local(runtime)[0].date())), encoding="utf-8")
    options = {
        "--host": HOST,
        "--port": str(port),
        "--account-sid": settings.account_sid,
        "--number": settings.our_number,
        "--voice-url": f"{base}/ivr/voice",
        "--sms-url": f"{base}/ivr/sms",
        "--status-url": f"{base}/ivr/status",
        "--phones": str(listed),
        "--panel-url": "/demo/timeline",
        "--board-url": "/",
        "--clock-url": "/demo/clock",
        "--paging-url": "/demo/paging",
    }
    return ["simulator", *(word for option in options.items() for word in option)]
