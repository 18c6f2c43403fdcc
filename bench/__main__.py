"""`python -m bench`: the speed that was promised, measured through real processes. Ends with 0 also on a miss."""

import argparse
import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import machine
from bench.assess import assess, details, remarks
from bench.directory import Town, as_directory, build_town
from bench.gateway import Gateway, GatewayError, running
from bench.measured import Measured
from bench.network import Network, NetworkError
from bench.report import table, write
from bench.roster_http import RosterHttp, measure_roster_http
from bench.rosters import RosterTimes, measure_rosters
from core.clock import real_now
from oncall.customers.pins import PinKeys
from oncall.directory import apply, parse

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Scale:
    """How much is measured. Seconds are real ones."""

    tries: int
    places: int
    samples: int
    longest: float
    customers: int  # a place
    bare_seconds: float
    rush_seconds: float
    rounds: int
    round_seconds: float
    pages: int


WHOLE = Scale(tries=42, places=50, samples=210, longest=110, customers=9, bare_seconds=15, rush_seconds=4,
              rounds=5, round_seconds=4, pages=40)  # fmt: skip
QUICK = Scale(tries=6, places=50, samples=30, longest=30, customers=5, bare_seconds=6, rush_seconds=2,
              rounds=2, round_seconds=1.5, pages=8)  # fmt: skip
# One call at a time: people and telephones may be quicker than life, the gateway has nothing else to do.
SINGLE_SPEED = 8.0
RUSH_AT_ONCE = 16


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few samples: does it work, and roughly how fast is it")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write to")
    options = parser.parse_args()
    scale = QUICK if options.quick else WHOLE
    try:
        measured = measure(scale)
    except (GatewayError, NetworkError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    figures = assess(measured)
    page = table(figures, measured.heading(options.quick), remarks(measured))
    name = f"{measured.machine['at'][:10]}-{measured.machine['commit']}{'-quick' if options.quick else ''}"
    files = write(options.results, name, page, figures, details(measured))
    print(f"\n{page}\n\nWritten to {' and '.join(str(file) for file in files)}")
    return 0


def measure(scale: Scale) -> Measured:
    """Start everything, load it, stop it."""
    town = build_town(scale.places, scale.customers)
    token = secrets.token_hex(16)
    load_before = machine.load_average()
    say("who is on call, by computing alone")
    rosters = measure_rosters()
    with tempfile.TemporaryDirectory(prefix="nightline-bench-") as folder:
        say("starting PostgreSQL, web, worker and the telephone network")
        with running(Path(folder), token) as gateway, Network(token, town) as network:
            say("who is on call, asked over HTTP; the roster's page")
            http = measure_roster_http(
                gateway.database.url, Path(folder), scale.rounds, scale.round_seconds, scale.pages
            )
            _prepare(gateway, network, town)
            return _phases(scale, gateway, network, load_before, rosters, http)


def _prepare(gateway: Gateway, network: Network, town: Town) -> None:
    with gateway.database.transaction() as session:
        apply(session, parse(as_directory(town)), real_now(), PinKeys(gateway.pin_key.encode()))
    gateway.start(network.url)
    ivr = f"{gateway.url}/ivr"
    network.run("configure", voice_url=f"{ivr}/voice", sms_url=f"{ivr}/sms", status_url=f"{ivr}/status")


def _phases(
    scale: Scale,
    gateway: Gateway,
    network: Network,
    load_before: list[float],
    rosters: RosterTimes,
    roster_http: RosterHttp,
) -> Measured:
    say(f"{scale.tries} calls, one at a time")
    single = network.run("single", tries=scale.tries, speed=SINGLE_SPEED)
    processor: list[dict[str, float]] = []

    def take_processor_time() -> None:
        processor.append(gateway.processor_seconds())

    say(f"{scale.places} calls at a time, until {scale.samples} of them have reported their problem")
    notes: dict[str, Any] = {"all are calling": take_processor_time, "enough samples": take_processor_time}
    many = network.run("many", notes, places=scale.places, samples=scale.samples, longest=scale.longest)
    memory = {name: gateway.services[name].memory() for name in ("web", "worker")}
    say("the same requests to a bare Flask route")
    bare = network.run("bare", url=gateway.bare_url, seconds=scale.bare_seconds)
    say(f"as many webhooks as go, from {RUSH_AT_ONCE} senders")
    rush = network.run("saturate", seconds=scale.rush_seconds, at_once=RUSH_AT_ONCE)
    bare_rush = network.run("saturate_bare", url=gateway.bare_url, seconds=scale.rush_seconds, at_once=RUSH_AT_ONCE)
    return Measured(
        single=single,
        many=many,
        bare=bare,
        rush=rush,
        bare_rush=bare_rush,
        memory=memory,
        processor={name: processor[1][name] - processor[0][name] for name in processor[0]},
        machine=machine.describe(),
        load_before=load_before,
        load_after=machine.load_average(),
        postgres=gateway.postgres(),
        rosters=rosters,
        roster_http=roster_http,
    )


def say(words: str) -> None:
    print(f"bench: {words} ...", flush=True)


if __name__ == "__main__":
    sys.exit(main())
