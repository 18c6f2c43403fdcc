"""The flask commands: init, load, worker, oncall, check, fallback, account, token, and the demo of `make run`.

The web process imports this too, so what only one command needs is imported by that command.
"""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import NoReturn, ParamSpec

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.clock import real_now
from core.db import PATIENT
from core.years import YEARS, is_in_our_times
from oncall.customers.pins import PinKeys
from oncall.models.access.roles import Role
from oncall.models.stored_settings import paging_times
from oncall.monitoring.preflight import Check, Level, check_directory
from oncall.rosters import on_call as rosters_on_call
from oncall.rosters.bad_rosters import REMEDY
from oncall.rosters.duty_words import duty_as_json, duty_as_table
from oncall.runtime import Runtime
from schedules.wall_clock import written_day

P = ParamSpec("P")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in (init, load, worker, oncall_now, check, fallback, account, token, demo):
        app.cli.add_command(command)


def _runtime() -> Runtime:
    """The application's, without the hurry of the web process: nobody on the phone waits for a command."""
    runtime: Runtime = current_app.extensions["runtime"]
    runtime.database.patience = PATIENT
    return runtime


def _stop(line: str) -> NoReturn:
    """End with status 1 and one line on standard error."""
    click.echo(f"nightline: {line}", err=True)
    sys.exit(1)


def _with_database(command: Callable[P, None]) -> Callable[P, None]:
    """Say in one line that the database is away, or not prepared; anything else is a fault to be seen whole."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except OperationalError as error:
            _stop(f"the database does not answer: {_first_line(error.orig)}; look at DATABASE_URL")
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != "42P01":  # undefined table
                raise
            _stop("the database is not prepared: run `flask init`")

    return run


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]


@click.command
@with_appcontext
@_with_database
def init() -> None:
    """Create the schema, or bring it to its newest version."""
    from core import schema

    version = schema.upgrade(_runtime().database.engine)
    click.echo(f"The database is ready, schema version {version}.")


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--retire", is_flag=True, help="Retire people and customers whom FILE does not have.")
@with_appcontext
@_with_database
def load(file: Path, retire: bool) -> None:
    """Load a directory FILE: people, customers, rosters. Says what changed, and whom FILE does not have."""
    from oncall import directory
    from oncall.rosters.errors import BusyError

    told = False
    try:
        wanted = directory.parse(file.read_text(encoding="utf-8-sig"), _runtime().settings.pin_length)
        with _runtime().database.transaction() as session:
            pin_keys = PinKeys(_runtime().settings.pin_secret)
            changes = directory.apply(session, wanted, _runtime().clock.now(), pin_keys, retire)
            missing = directory.missing(session, wanted).line
            for line in changes or ["nothing changed"]:  # before it is done: retiring can't be taken back
                click.echo(line)
                told = True
    except directory.DirectoryError as error:
        click.echo(f"{file}: nothing was changed\n{error}", err=True)
        sys.exit(1)
    except UnicodeDecodeError:
        _stop(f"{file} is not a text file in UTF-8; nothing was changed")
    except BusyError:
        _stop("somebody is changing rosters at this moment; nothing was changed: try again in a few seconds")
    except Exception as error:
        if not told:
            raise
        _stop(f"nothing was changed after all: {_first_line(getattr(error, 'orig', error))}; load the file again")
    if missing is not None:
        click.echo(f"{missing} (`flask load {file} --retire` retires them)")


@click.command
@with_appcontext
@_with_database
def worker() -> None:
    """Do the background work until SIGTERM or Ctrl-C. Any number may run, on any machine."""
    from ivr.periodic import LOOKS
    from ivr.twilio.client import TwilioTelephony
    from worker.process import run_worker

    run_worker(_runtime(), TwilioTelephony(_runtime().settings), LOOKS)


@click.command("oncall")
@click.option("--at", metavar="TIME", help="ISO 8601; without an offset it is the roster's own time. Now if left out.")
@click.option("--roster", metavar="NAME", help="This roster only.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_appcontext
@_with_database
def oncall_now(at: str | None, roster: str | None, as_json: bool) -> None:
    """Who is on call, by the very rules that a page follows."""
    try:
        instant = datetime.fromisoformat(at) if at else _runtime().clock.now()
    except ValueError:
        _stop(f"--at {at!r} is not a time; write it such as 2027-03-28T02:30 or 2027-03-28T02:30+02:00")
    if at and not is_in_our_times(instant):
        _stop(f"--at {at!r} is out of reach; write a time in the years {YEARS}, such as 2027-03-28T02:30")
    try:
        with _runtime().database.transaction() as session:
            duties = rosters_on_call.on_call(session, instant, roster)
    except rosters_on_call.UnknownRosterError as error:
        _stop(str(error))
    click.echo(
        json.dumps([duty_as_json(duty) for duty in duties], ensure_ascii=False) if as_json else duty_as_table(duties)
    )
    bad = [duty for duty in duties if duty.fault]
    for duty in bad:
        click.echo(f"nightline: the roster {duty.roster} can't be worked out: {duty.fault}; {REMEDY}", err=True)
    if bad:
        sys.exit(1)


@click.command
@with_appcontext
@_with_database
def fallback() -> None:
    """Print the TwiML for Twilio's fallback address. Put it where the gateway is not, and renew it at each handoff."""
    from ivr.fallback.document import fallback_document
    from oncall.outage.snapshot_taking import next_change

    now = _runtime().clock.now()
    with _runtime().database.transaction() as session:
        links = rosters_on_call.chain(session, None, now)
        ring_seconds, until = paging_times(session).no_answer, next_change(session, now)
    click.echo(fallback_document(links, _runtime().settings, ring_seconds, now, until))


@click.command
@with_appcontext
def check() -> None:
    """Preflight: settings, database, rosters, PINs, workers, queues, mail, telephone network. 1 on a problem."""
    from ivr.twilio.number_setup import check_number
    from oncall.monitoring.outage_check import check_snapshot
    from oncall.monitoring.preflight_work import check_mail

    settings = _runtime().settings
    network = settings.api_url or "Twilio"
    words = f"{settings.our_number} on {network}, reached at {settings.public_url}"
    checks = [Check("settings", Level.OK, words), *_check_database(_runtime()), check_snapshot(settings)]
    checks += [check_mail(settings), *check_number(settings)]
    for each in checks:
        remedy = f"; {each.remedy}" if each.remedy else ""
        click.echo(f"{each.level.value:<8} {each.subject}: {each.words}{remedy}")
    if any(each.level is Level.PROBLEM for each in checks):
        sys.exit(1)


def _check_database(runtime: Runtime) -> list[Check]:
    from ivr.fallback.upload import check_upload
    from oncall.monitoring.contact_check import check_contacts
    from oncall.monitoring.preflight_work import check_work
    from oncall.monitoring.text_check import check_texts
    from web.ops import health

    try:
        with runtime.database.transaction() as session:
            version, head = health.schema_version(session), health.schema_head()
            if health.is_behind(version):
                words = f"the schema is at version {version}, not {head}" if version else "there is no schema"
                return [Check("database", Level.PROBLEM, words, "run `flask init`")]
            now = runtime.clock.now()
            found = [Check("database", Level.OK, f"answers, schema version {version}")]
            found += [*check_directory(session, runtime.settings, now), *check_contacts(session)]
            found.append(check_upload(session, runtime.settings))
            found += check_texts(session, runtime.settings, now)
            return found + check_work(session, runtime.settings, now)
    except OperationalError as error:
        words = f"does not answer: {_first_line(error.orig)}"
        return [Check("database", Level.PROBLEM, words, "look at DATABASE_URL, and whether PostgreSQL runs")]


@click.command
@click.argument("email")
@click.option("--name", help="As the pages show it.")
@click.option("--role", type=click.Choice([each.value for each in Role]), help="Each may do what those before it may.")
@click.option("--person", metavar="NAME", help="Who it is in the directory.")
@click.option("--disable/--enable", "disabled", default=None, help="Shut it, ending its sessions, or open it again.")
@with_appcontext
@_with_database
def account(email: str, name: str | None, role: str | None, person: str | None, disabled: bool | None) -> None:
    """Make the account EMAIL for the pages, or change it. Asks for a password (or reads it from standard input)."""
    from oncall.accounts.administering import AccountError, Wanted, put_account
    from oncall.accounts.passwords import Passwords

    password = None if disabled else _ask_password()
    wanted = Wanted(email, name, Role(role) if role else None, person, password, disabled)
    try:
        with _runtime().database.transaction() as session:
            done = put_account(session, wanted, Passwords(), real_now(), _runtime().settings.company_name)
    except AccountError as error:
        _stop(f"{error}; nothing was changed")
    for line in done or ["nothing changed"]:
        click.echo(line)


def _ask_password() -> str | None:
    """The password for an account; None, which keeps the present one, when nothing is typed."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n") or None
    words = "Password (empty: keep the present one)"
    return click.prompt(words, default="", show_default=False, hide_input=True, confirmation_prompt=True) or None


@click.command
@click.argument("name", required=False)
@click.option("--revoke", is_flag=True, help="This program's token is refused from now on.")
@with_appcontext
@_with_database
def token(name: str | None, revoke: bool) -> None:
    """Let a program NAME ask the API, and print its token, this once. Without NAME: list the programs."""
    from oncall.accounts.api_tokens import ProgramError, make_program, programs, revoke_program

    try:
        with _runtime().database.transaction() as session:
            if name is None:
                lines = [f"{each.name}, since {written_day(each.made_at)}" for each in programs(session)]
                click.echo("\n".join(lines) or "No program may ask yet: make a token with `flask token NAME`.")
            elif revoke:
                revoke_program(session, name, real_now())
                click.echo(f"The token of {name} is revoked.")
            else:
                click.echo(make_program(session, name, real_now()))
    except ProgramError as error:
        _stop(f"{error}; nothing was changed")


@click.command(hidden=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--simulator-port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--empty", is_flag=True, help="Without the month of tickets that a new demo begins with.")
@with_appcontext
@_with_database
def demo(port: int, simulator_port: int, empty: bool) -> None:
    """Run the whole thing on this machine, telephones included, until Ctrl-C."""
    from demo.run import DemoError, run_demo

    try:
        status = run_demo(_runtime(), port, simulator_port, click.echo, empty=empty)
    except DemoError as error:
        _stop(str(error))
    sys.exit(status)
