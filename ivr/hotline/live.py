"""The conversation with the database: what it asks is looked up, and what it leads to is written in its transaction."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ivr.asking import Spoken
from ivr.dialogue.callback import go_on
from ivr.dialogue.hung_up import in_vain
from ivr.dialogue.office import reachable
from ivr.dialogue.talk import Office, Talk
from ivr.hotline import questions
from ivr.hotline.description import ask_description
from ivr.prompts import calling_back, conversation, entrance, keypad, line_ended, problem
from ivr.technician import menu
from ivr.turn import Turn
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.calls.goodbye import coming, holder_of, last_ring, may_ring, ring, technician_of
from oncall.calls.known_ticket import rejoin_ticket, wait_again
from oncall.customers.call_back import Ours, Refused, homes_of, may_be_called, ours_among
from oncall.customers.entitlement import ContractFacts, facts_of
from oncall.customers.pin_guard import Verdict, settle
from oncall.customers.pins import PinKeys, find_contract
from oncall.models import jobs
from oncall.models.calls import CallResult, Direction
from oncall.models.customers import Region, registered_customers
from oncall.models.pages import PageCause
from oncall.models.people import by_phone
from oncall.models.refusals import Reason, refuse
from oncall.models.stored_settings import paging_times
from oncall.models.tickets import EventKind, Ticket, TicketState, record_event
from oncall.models.work.recordings import RecordingKind
from oncall.paging.engine import open_page
from oncall.paging.progress import somebody_is_tried
from oncall.sla.paging_times import PagingTimes
from oncall.sla.promises import Priority, minutes_left
from oncall.tickets.intake import known_ticket, open_ticket, still_open_line, want_call_back
from oncall.tickets.notes import keep_recording


class LiveTalk(Turn, Talk):
    """A turn of a caller's call."""

    message_step: ClassVar[str] = "message"
    done_step: ClassVar[str] = "hung_up_key"
    excuse: ClassVar[str] = ""

    @property
    def times(self) -> PagingTimes:
        return paging_times(self.session)

    def refuse(self, reason: Reason) -> None:
        refuse(self.session, self.call, reason, self.now)

    # The way in.

    def first_words(self) -> str:
        person = by_phone(self.session, self.call.number)
        if person is not None and person.pin_digest is not None:
            return entrance.STAFF_GREETING
        if self.call.direction == Direction.OUT:
            return entrance.rung_back(self.settings.company_name)
        return entrance.greeting(self.settings.company_name, reachable(self, self.default_office()) is not None)

    def default_office(self) -> Office | None:
        region = self.session.get(Region, self.settings.default_region)
        return None if region is None else Office(region.time_zone, region.office_number)

    def wrong_pin(self) -> Reason:
        staff = by_phone(self.session, self.call.number) is not None
        return Reason.WRONG_STAFF_PIN if staff else Reason.WRONG_PIN

    def guard(self, pin: str) -> Verdict | None:
        """Decided, and committed, before the step began (`ivr.pin_attempt`)."""
        return self.pin_verdict

    def is_own(self, pin: str) -> bool:
        """If so, the call is theirs from now on."""
        person = by_phone(self.session, self.call.number)
        keys = PinKeys(self.settings.pin_secret)
        if person is None or not keys.is_personal(person.pin_digest, person.phone, pin):
            return False
        settle(self.session, self.call.id, self.call.turn, right=True)
        self.call.person_id = person.id
        return True

    def contract_of(self, pin: str, *, own_only: bool) -> tuple[ContractFacts, Office] | None:
        only = registered_customers(self.session, self.call.number) if own_only else None
        contract = find_contract(self.session, PinKeys(self.settings.pin_secret), pin, only)
        settle(self.session, self.call.id, self.call.turn, right=contract is not None)
        if contract is None:
            return None
        self.call.customer_id, self.call.contract_id = contract.customer_id, contract.id
        return facts_of(contract), Office(contract.region.time_zone, contract.region.office_number)

    def greet_staff(self) -> VoiceResponse:
        return menu.enter(self)

    def ring_back(self) -> VoiceResponse:
        """Once this call is over."""
        self.refuse(Reason.GUESS_LIMIT)
        self.memo.ring_back = True
        return goodbye(entrance.ring_back_now(self.settings.company_name))

    def office_has_it(self) -> None:
        self.call.result = "connected to the office"

    # The problem.

    def is_administrator(self) -> None:
        """The name of the next question says so."""

    def report(self, priority: Priority) -> VoiceResponse:
        found = known_ticket(self.session, self.call.customer_id or 0, self.now)
        if found is None:
            return self._open(priority)
        self.memo.priority, self.call.known_ticket_id = priority, found.id
        return self.ask("known", problem.known_problem(found.number, found.priority))

    @property
    def _known_ticket(self) -> Ticket:
        return self.session.get_one(Ticket, self.call.known_ticket_id)

    @property
    def _priority(self) -> Priority:
        """What they reported; of a call from a version that did not note it, the known ticket's."""
        return self.memo.priority or self._known_ticket.priority

    def known_problem(self) -> str | None:
        ticket = self._known_ticket
        if ticket.state == TicketState.CLOSED:
            return None
        return problem.known_problem(ticket.number, ticket.priority)

    def report_known(self) -> VoiceResponse:
        ticket = self._known_ticket
        rejoin_ticket(self.work, self.call, ticket, self._priority)
        return questions.wait_on(self, before=problem.rejoined(ticket.number))

    def report_new(self) -> VoiceResponse:
        return self._open(self._priority)

    def _open(self, priority: Priority) -> VoiceResponse:
        ticket = open_ticket(self.work, self.call, priority)
        promise = minutes_left(ticket.due_at, self.now) if ticket.due_at else None
        calling = somebody_is_tried(self.session, ticket.id)
        return ask_description(self, problem.ticket_opened(ticket.number, promise, calling))

    def keep_message(self, said: Spoken) -> VoiceResponse:
        ticket = open_ticket(self.work, self.call, Priority.P3)
        keep_recording(self.session, ticket.id, RecordingKind.MESSAGE, *said, self.now)
        return goodbye(problem.message_kept(ticket.number))

    # A number to call back.

    def offered(self) -> Sequence[str]:
        """Of a question that an earlier version asked, the number called from."""
        own, offered = self.call.number, self.memo.offered
        if offered is not None:
            return offered
        return [own] if own is not None and may_be_called(self.session, self.settings, own) else []

    def homes(self) -> Sequence[str | None]:
        return homes_of(self.session, self.settings, self.call.number, self.call.contract_id)

    def ours(self, numbers: Iterable[str]) -> Ours:
        return ours_among(self.session, self.settings, numbers)

    def call_back(self, number: str, *, typed: bool) -> VoiceResponse:
        """It counts at once, also for who hangs up now. A typed one is read back, as typing errs at night."""
        want_call_back(self.session, self.call, number, self.now)
        if not typed:
            return goodbye(calling_back.agreed(number[-2:], self._who_calls()))
        self.useful_answer()
        self.memo.read_back = True
        return self.ask("callback", calling_back.read_back(number, self._who_calls()), timeout=3)

    def _who_calls(self) -> str:
        """After a conversation nobody is looked for: the technician who has the ticket is told."""
        if self.memo.left_by is None:
            return ""
        holder = holder_of(self.session, self.call)
        return calling_back.told_to_call(holder.first_name) if holder is not None else calling_back.TOLD_TO_CALL

    def number_refused(self, keys: str, refused: Refused | None) -> VoiceResponse:
        """Asked again, unless somebody plays with the keys."""
        if self.useless_answer().is_play:
            return go_on(self, calling_back.ONLY_WRONG_KEYS)
        return questions.ask_number(self, calling_back.refused(refused))

    def read_back(self) -> VoiceResponse:
        if self.digits not in {"", "2"} and not self.useless_answer().is_play:
            return self.ask("callback", f"{keypad.NOT_UNDERSTOOD} {calling_back.IF_WRONG}", timeout=3)
        self.memo.read_back = False
        self.useful_answer()
        return self._number_wrong() if self.digits == "2" else goodbye(calling_back.GOODBYE)

    def _number_wrong(self) -> VoiceResponse:
        """The caller waits again, unless the ticket has been closed: nobody was told, as nobody waited."""
        wait_again(self.work, self.call)
        if self.ticket.state != TicketState.CLOSED:
            return questions.ask_number(self)
        self.call.waiting = False
        return goodbye(conversation.TICKET_CLOSED)

    def go_on(self, before: str = "") -> VoiceResponse:
        return questions.wait_on(self, before)

    # The technician's line has ended.

    def may_ring(self) -> bool:
        return may_ring(self.session, self.call)

    def somebody_comes(self) -> bool:
        return coming(self.session, self.call.ticket_id, self.now) is not None

    def ring_again(self) -> VoiceResponse | None:
        """Who is on the way already is waited for."""
        found = coming(self.session, self.call.ticket_id, self.now)
        if found is None and not self.may_ring():
            return None
        if found is None or found.memo.rejoins:
            ring(self.session, self.call, self.now)
            self.memo.rung = True
        return self.while_ringing(first=True)

    def while_ringing(self, before: str = "", *, first: bool = False) -> VoiceResponse:
        """A round of music, or on, when nobody is rung any more: also where no job has told of it."""
        found = coming(self.session, self.call.ticket_id, self.now)
        if found is None or found.person is None:
            return self.rung_in_vain()
        name = found.person.first_name
        begun = line_ended.ringing_again if found.memo.rejoins else line_ended.ringing_colleague
        words = begun(name) if first else line_ended.still_ringing(name)
        return self.ask("rejoining", f"{before} {words}".strip(), timeout=questions.PAUSE_AFTER_MUSIC, music=True)

    def rung_in_vain(self) -> VoiceResponse:
        """The technician was rung, and did not come back; or a colleague was on the way."""
        found = last_ring(self.session, self.call.ticket_id)
        busy = found is not None and found.result == CallResult.BUSY
        name = technician_of(self.session, self.call).first_name
        return in_vain(self, line_ended.unreached(name, busy=busy) if self.memo.rung else line_ended.NOBODY_CAME)

    def ring_another(self) -> VoiceResponse:
        self._tell("The caller asks for the next person.", f"{self.call.turn}:next")
        after, self.memo.left_by = self.memo.left_by, None
        open_page(self.work, self.ticket, PageCause.ASKED_ON, after=after)
        return questions.wait_on(self)

    def ask_number(self) -> VoiceResponse:
        return questions.ask_number(self)

    def end_silently(self, *, wrong_keys: bool) -> VoiceResponse:
        """The technician is told, by text."""
        self.call.waiting = False
        self.memo.silent = True
        if wrong_keys:
            self.memo.only_wrong_keys = True
        self._tell(still_open_line(wrong_keys), "silent")
        jobs.conclude_goodbye.wake(self.session, call_id=self.call.id)
        person = technician_of(self.session, self.call)
        return goodbye(line_ended.silent_goodbye(None if person.retired else person.first_name, wrong_keys=wrong_keys))

    def _tell(self, words: str, key: str) -> None:
        record_event(
            self.session, self.call.ticket_id or 0, self.now, EventKind.CALLER, words, key=f"call:{self.call.id}:{key}"
        )
