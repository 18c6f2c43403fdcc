"""What an import of shifts finds in the database: people, and what stands in the layer."""

from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, joinedload

from oncall.models.access.accounts import Account
from oncall.models.people import ACTIVE
from oncall.models.people import Person as PersonRow
from oncall.models.rosters import RosterOverride, span_of
from oncall.planning.imports.comparing import Reading, Standing
from oncall.planning.imports.people import People, Person
from oncall.planning.imports.source import Origin
from schedules.rosters.overrides import Kind
from schedules.spans import Span

# The note of what an import has made.
NOTE: Final = "import"


def people_now(session: Session) -> People:
    """Those who can be on call, by the addresses of their own and of their accounts."""
    account = Account.person_id == PersonRow.id
    columns = (PersonRow.id, PersonRow.name, PersonRow.email, Account.email)
    query = (
        select(PersonRow).with_only_columns(*columns).outerjoin(Account, account).where(ACTIVE).order_by(PersonRow.name)
    )
    rows = session.execute(query)
    return People(Person(key, name, email, (account,) if account else ()) for key, name, email, account in rows)


def standing_in(session: Session, layer_id: int, reading: Reading, window: Span) -> list[Standing]:
    """The layer's overrides in the time that is imported, and from the first event to the last."""
    whole = Range(
        min([each.start for each in reading.events], default=window.start),
        max([each.end for each in reading.events], default=window.end),
    )
    within = or_(RosterOverride.span.overlaps(whole), RosterOverride.span.overlaps(Range(window.start, window.end)))
    query = select(RosterOverride).where(RosterOverride.layer_id == layer_id, within).order_by(RosterOverride.id)
    query = query.options(joinedload(RosterOverride.person)).execution_options(populate_existing=True)
    return [
        Standing(
            span_of(row.span), row.person_id, row.kind == Kind.REPLACE, row.made_by, row.id,
            row.origin is not None or row.note == NOTE, Origin.from_json(row.origin),
            row.person.name if row.person else "",
        )
        for row in session.scalars(query)
    ]  # fmt: skip
