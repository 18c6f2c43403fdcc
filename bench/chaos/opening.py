"""`python -m bench.chaos.opening`: opens tickets with their pages, as an alarm or a caller would, at a steady pace.

A process of its own, so that what it costs is not taken from the network's thread. A line of JSON a page, with the
instant (seconds of the machine's monotonic clock) just before its transaction was committed: from then on it is due.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.settings import load_settings
from oncall.models.customers import Contract
from oncall.models.pages import PageCause
from oncall.models.tickets import Ticket
from oncall.paging.engine import open_page
from oncall.runtime import Runtime, Work, build_runtime


@dataclass(frozen=True)
class Opened:
    """A page that was opened; `at`: monotonic seconds."""

    page: int
    ticket: int
    number: int
    region: str
    priority: str
    at: float


def opened(line: str) -> Opened:
    """What one printed line says."""
    return Opened(**json.loads(line))


def open_pages(
    runtime: Runtime, regions: Sequence[str], count: int, rate: float, batch: int, first: str, p2_every: int = 0
) -> Iterator[Opened]:
    """`count` pages, `rate` a second (0: as fast as goes), `batch` in each transaction, region after region."""
    begun = time.monotonic()
    for start in range(0, count, batch):
        if rate:
            time.sleep(max(0.0, begun + start / rate - time.monotonic()))
        with runtime.database.transaction() as session:
            numbers = range(start, min(start + batch, count))
            contracts = _contracts(session, [regions[number % len(regions)] for number in numbers])
            made: list[dict[str, Any]] = []
            for number in numbers:
                priority = "P2" if p2_every and number % p2_every == p2_every - 1 else "P1"
                region = regions[number % len(regions)]
                made.append(_open(session, runtime, contracts[region], f"{first}:{number}", priority, region))
            at = time.monotonic()
        for each in made:
            yield Opened(**each, at=at)


def _contracts(session: Session, regions: Sequence[str]) -> dict[str, Contract]:
    query = select(Contract).where(Contract.region_name.in_(regions)).options(joinedload(Contract.customer))
    return {contract.region_name: contract for contract in session.scalars(query)}


def _open(
    session: Session, runtime: Runtime, contract: Contract, origin: str, priority: str, region: str
) -> dict[str, Any]:
    now = runtime.clock.now()
    ticket = Ticket(
        origin=f"chaos:{origin}",
        customer_id=contract.customer_id,
        contract_id=contract.id,
        priority=priority,
        channel="alarm",
        state="open",
        opened_at=now,
    )
    ticket.contract, ticket.customer = contract, contract.customer
    session.add(ticket)
    session.flush()
    page = open_page(Work(session, runtime, now), ticket, PageCause.HOTLINE)
    return {"page": page.id, "ticket": ticket.id, "number": ticket.number, "region": region, "priority": priority}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos.opening", description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--regions", type=int, required=True)
    parser.add_argument("--from-region", type=int, default=0)
    parser.add_argument("--name", required=True)
    parser.add_argument("--p2-every", type=int, default=0)
    options = parser.parse_args()
    runtime = build_runtime(load_settings(), pool_size=2)
    names = [f"region {options.from_region + number}" for number in range(options.regions)]
    pages = open_pages(runtime, names, options.count, options.rate, options.batch, options.name, options.p2_every)
    for each in pages:
        print(json.dumps(vars(each)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
