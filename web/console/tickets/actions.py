"""What can be done on a ticket's page: for each action its form, what it does, and the answer to it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from oncall.models.people import ACTIVE, Person
from oncall.models.tickets import InterventionChannel, InterventionKind, WaitsFor
from oncall.sla.promises import Priority
from oncall.tickets import closing
from oncall.tickets.actions import holding, linking, own_work, priority, waiting
from oncall.tickets.actions.acting import Acting, NotPossibleError
from oncall.tickets.actions.offers import Do, Facts
from oncall.tickets.views import TicketView
from web.console.tickets.forms import Field, Kind, Typed
from web.console.tickets.words import day, minute_of, second


@dataclass(frozen=True)
class Shown:
    """What the forms of one ticket's page are made of. `people`: id and name of who it could be handed over to."""

    view: TicketView
    facts: Facts
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Action:
    """`label`: the button of a form without fields, or the line that unfolds one with fields and `button`.

    `run` gives the answer to the press.
    """

    label: str
    run: Callable[[Acting, Typed], str]
    fields: Callable[[Shown], Sequence[Field]] = lambda _: ()
    button: str = ""
    hint: str = ""
    grave: bool = False


def colleagues(session: Session, holder_id: int | None) -> tuple[tuple[str, str], ...]:
    """Everybody who can be rung and does not have the ticket already, by name."""
    people = select(Person.id, Person.name).where(ACTIVE, Person.id.is_distinct_from(holder_id)).order_by(Person.name)
    return tuple((str(id_), name) for id_, name in session.execute(people))


def press_key(number: int, do: Do, seen: int, who: str, typed: Typed) -> str:
    """What one press is known by: the same form with the same words, sent twice, is one press."""
    parts = [str(number), do, str(seen), who, *(f"{name}={value}" for name, value in sorted(typed.values.items()))]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]


def words_field(label: str = "Reason") -> Field:
    """A field for a sentence or more."""
    return Field("words", label, Kind.AREA)


def _priorities(*, but: Priority | None = None) -> Field:
    choices = tuple((each.value, f"{each.value}, {each.label}") for each in Priority if each != but)
    return Field("priority", "Priority", Kind.CHOICE, choices)


_PAGED: Final = Field("paged", "Call who is on call (P1 and P2 only)", Kind.CHECK)
_WHOM: Final = Field("whom", "For", Kind.CHOICE, tuple((it.value, waiting.WAITS_WORDS[it]) for it in WaitsFor))
_HOW: Final = Field(
    "channel",
    "How",
    Kind.CHOICE,
    tuple((it.value, it.capitalize()) for it in InterventionChannel if it is not InterventionChannel.TEXT),
)


def _times(shown: Shown) -> Sequence[Field]:
    zone = shown.view.zone
    works = [each for each in shown.view.work if each.kind != InterventionKind.NOTE]
    choices = tuple(
        (str(each.id), f"{each.person}, {day(each.started_at, zone)}, {second(each.started_at, zone)}")
        for each in works
    )
    clock = f"On the clock of {zone}, such as {minute_of(shown.view.opened_at, zone)}."
    return (
        Field("work", "Whose work", Kind.CHOICE, choices),
        Field("start", "Began", Kind.TIME, hint=clock),
        Field("end", "Ended", Kind.TIME),
        words_field(),
    )


def _take(acting: Acting, _: Typed) -> str:
    holding.take(acting)
    return f"Ticket {acting.ticket.number} is yours."


def _take_over(acting: Acting, typed: Typed) -> str:
    holding.take(acting, typed["words"])
    return f"Ticket {acting.ticket.number} is yours."


def _note(acting: Acting, typed: Typed) -> str:
    own_work.note(acting, typed["words"])
    return "The note is on the ticket."


def _ring_me(acting: Acting, _: Typed) -> str:
    holding.ring_me(acting)
    return "Your phone rings in a moment. Press 1 there to talk."


def _begin_work(acting: Acting, typed: Typed) -> str:
    own_work.begin_work(acting, InterventionChannel(typed["channel"]))
    return "Your work is being timed. End it here when you are done."


def _end_work(acting: Acting, typed: Typed) -> str:
    own_work.end_work(acting, typed["words"])
    return "Your work and what you did are on the ticket."


def _wait(acting: Acting, typed: Typed) -> str:
    waits_for = WaitsFor(typed["whom"])
    waiting.wait(acting, waits_for, typed["words"])
    return f"Ticket {acting.ticket.number} waits for {waiting.WAITS_WORDS[waits_for]}: its clocks stand still."


def _resume(acting: Acting, _: Typed) -> str:
    waiting.resume(acting)
    return f"Ticket {acting.ticket.number} does not wait any more: its clocks run on."


def _close(acting: Acting, typed: Typed) -> str:
    closing.close_with_words(acting, typed["words"])
    return f"Ticket {acting.ticket.number} is closed."


def _reopen(acting: Acting, typed: Typed) -> str:
    closing.reopen(acting, typed["words"], paged=typed.checked("paged"))
    return f"Ticket {acting.ticket.number} is open again."


def _hand_over(acting: Acting, typed: Typed) -> str:
    to = acting.session.get(Person, typed.number("person"))
    if to is None:
        raise NotPossibleError("There is nobody of that name any more.")
    holding.hand_over(acting, to, typed["words"])
    return f"{to.name} is being called; others follow if nobody answers. Until then it stays as it is."


def _priority(acting: Acting, typed: Typed) -> str:
    priority.change_priority(acting, Priority(typed["priority"]), typed["words"], paged=typed.checked("paged"))
    return f"Ticket {acting.ticket.number} is {typed['priority']} now."


def _split(acting: Acting, typed: Typed) -> str:
    new = linking.split(acting, Priority(typed["priority"]), typed["words"], paged=typed.checked("paged"))
    return f"Ticket {new.number} is open for the second problem."


def _merge(acting: Acting, typed: Typed) -> str:
    other = linking.merge(acting, typed.number("into"))
    return f"Ticket {acting.ticket.number} is closed; ticket {other.number} goes on."


def _stop(acting: Acting, typed: Typed) -> str:
    holding.stop_paging(acting, typed["words"])
    return f"Nobody is called for ticket {acting.ticket.number} any more."


def _correct(acting: Acting, typed: Typed) -> str:
    own_work.correct(acting, typed.number("work"), typed.time("start"), typed.time("end"), typed["words"])
    return "The times are corrected; what they were before stands on the timeline."


ACTIONS: Final[Mapping[Do, Action]] = {
    Do.NOTE: Action("Write a note", _note, lambda _: (words_field("Note"),), button="Keep the note"),
    Do.TAKE: Action("Take this ticket", _take),
    Do.TAKE_OVER: Action(
        "Take it over",
        _take_over,
        lambda _: (words_field(),),
        button="Take it over",
        hint="The reason stands on the ticket.",
    ),
    Do.RING_ME: Action("Ring my phone", _ring_me),
    Do.BEGIN_WORK: Action("Start work", _begin_work, lambda _: (_HOW,), button="Start"),
    Do.END_WORK: Action("End my work", _end_work, lambda _: (words_field("What was done"),), button="End work"),
    Do.WAIT: Action(
        "Wait for somebody",
        _wait,
        lambda _: (_WHOM, words_field("For what")),
        button="Wait",
        hint="The ticket's clocks stand still until it goes on.",
    ),
    Do.RESUME: Action("Stop waiting", _resume),
    Do.CLOSE: Action("Close the ticket", _close, lambda _: (words_field("What was done"),), button="Close"),
    Do.HAND_OVER: Action(
        "Hand over to a colleague",
        _hand_over,
        lambda shown: (Field("person", "To", Kind.CHOICE, shown.people), words_field()),
        button="Hand over",
        hint="They are called first. If they don't answer, whoever is on call follows.",
    ),
    Do.PRIORITY: Action(
        "Change the priority",
        _priority,
        lambda shown: (_priorities(but=shown.facts.priority), words_field(), _PAGED),
        button="Change",
    ),
    Do.SPLIT: Action(
        "Split off a second problem",
        _split,
        lambda _: (_priorities(), words_field("The second problem"), _PAGED),
        button="Open a ticket",
    ),
    Do.MERGE: Action(
        "Merge into another ticket",
        _merge,
        lambda _: (Field("into", "Number of the ticket that goes on", Kind.NUMBER),),
        button="Merge",
        hint="This one is closed as a double.",
    ),
    Do.STOP: Action("Stop calling people", _stop, lambda _: (words_field(),), button="Stop the calls", grave=True),
    Do.CORRECT: Action("Correct times of work", _correct, _times, button="Correct"),
    Do.REOPEN: Action("Open it again", _reopen, lambda _: (words_field(), _PAGED), button="Open again"),
}
