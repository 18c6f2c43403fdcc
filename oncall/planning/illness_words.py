"""What those in charge are told of somebody who is ill."""

from collections.abc import Sequence
from datetime import datetime

from core.text.letters import gsm
from oncall.models.people import Person
from oncall.planning.views.absence import InPlace
from oncall.wording import LONGEST_COMPANY, short_name
from schedules.wall_clock import written_time


def illness_mail(
    person: Person, until: datetime, zone: str, told: Sequence[tuple[InPlace, str]], site: str
) -> tuple[str, str]:
    """Subject and body for those in charge. `told`: each part of what is opened, with who is rung first in it."""
    lines = [
        f"  {written_time(part.span.start, part.time_zone)} to {written_time(part.span.end, part.time_zone)},"
        f" {part.roster}, {part.layer}: {who or 'nobody on this roster; team leaders are rung'}"
        for part, who in told
    ]
    body = "\n".join(
        [
            f"{person.name} has reported ill until {written_time(until, zone)}, and is not rung any more.",
            "",
            *(["Rung first in their place:", "", *lines] if lines else ["They are not on call until then."]),
            "",
            f"The rosters: {site}/rosters",
            "",
        ]
    )
    return f"{person.name} is ill", body


def illness_text(person: Person, until: datetime, zone: str, told: Sequence[tuple[InPlace, str]]) -> str:
    """The same for a team leader or manager, in one breath: who comes next matters now."""
    if not told:
        after = "Not on call until then."
    else:
        who = told[0][1] or "nobody on the roster: you are rung"
        same = all(other == told[0][1] for _, other in told)
        after = f"Rung first now: {who}." if same else f"First comes {who}; more by mail."
    return f"{short_name(person.name, LONGEST_COMPANY)} is ill until {written_time(until, zone)}. {gsm(after)}"
