"""The conversation without the database: what it asks is in the snapshot, what it leads to is put in the journal."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ivr.asking import Spoken
from ivr.dialogue import callback, entrance, hung_up
from ivr.dialogue.office import reachable
from ivr.dialogue.talk import Office, Talk
from ivr.offline import prompts
from ivr.offline.message import leave_message
from ivr.offline.ringing import dial_person, ring_next
from ivr.offline.step import Step
from ivr.pin_attempt import is_pin
from ivr.prompts import calling_back, line_ended
from ivr.twilio.twiml import VoiceResponse, goodbye
from oncall.customers.call_back import Ours, Refused, refusal_of
from oncall.customers.entitlement import ContractFacts
from oncall.customers.pin_guard import Verdict
from oncall.customers.pins import PinKeys
from oncall.models.access.pin_attempts import PinOutcome
from oncall.models.refusals import Reason
from oncall.models.work.recordings import RecordingKind
from oncall.outage.pin_guard import Guess, Guesses
from oncall.sla.paging_times import PagingTimes
from oncall.sla.promises import Priority


class AwayTalk(Step, Talk):
    """A step of a caller's call."""

    message_step: ClassVar[str] = "later"
    done_step: ClassVar[str] = "dropped"
    excuse: ClassVar[str] = prompts.STILL_FAULT
    _guess: Guess | None = None

    @property
    def times(self) -> PagingTimes:
        return self.snapshot.times

    def refuse(self, reason: Reason) -> None:
        self.note("refused", reason=reason.value)

    # The way in.

    def first_words(self) -> str:
        """A technician's phone hears that there is no menu. No name is told before a PIN was right."""
        person = self.snapshot.by_phone(self.caller)
        if person is not None and person.menu:
            return prompts.STAFF_GREETING
        return prompts.greeting(self.settings.company_name, reachable(self, self.default_office()) is not None)

    def default_office(self) -> Office | None:
        region = self.snapshot.region(self.settings.default_region)
        return None if region is None else Office(region.time_zone, region.office_number)

    def wrong_pin(self) -> Reason:
        return Reason.WRONG_PIN

    def guard(self, pin: str) -> Verdict | None:
        """Counted in a file of this machine."""
        if not is_pin(pin):
            return None
        key = f"{self.carried.sid}:{self.carried.turn}"
        self._guess = Guesses(self.settings).reserve(key, self.snapshot.caller(self.caller), self.now)
        verdict = Verdict(self._guess.verdict)
        if not verdict.may_try:
            self._note_guess(self._guess, verdict.value)
        return verdict

    def _settle(self, *, right: bool) -> None:
        if self._guess is not None:
            Guesses(self.settings).settle(self._guess.key, right=right)
            self._note_guess(self._guess, PinOutcome.RIGHT if right else PinOutcome.WRONG)

    def _note_guess(self, guess: Guess, outcome: str) -> None:
        self.note("pin", turn=self.carried.turn, outcome=outcome, number=guess.number, pool=guess.pool)

    def is_own(self, pin: str) -> bool:
        person = self.snapshot.by_phone(self.caller)
        keys = PinKeys(self.settings.pin_secret)
        if person is None or not keys.is_personal(person.pin_digest, person.phone, pin):
            return False
        self._settle(right=True)
        return True

    def contract_of(self, pin: str, *, own_only: bool) -> tuple[ContractFacts, Office] | None:
        digest = PinKeys(self.settings.pin_secret).derived(pin)
        only = self.snapshot.caller(self.caller).customers if own_only else None
        contract = None if digest is None else self.snapshot.contract_with(digest, only)
        self._settle(right=contract is not None)
        if contract is None:
            return None
        self.know(contract=contract.id)
        self.note("right")
        region = self.snapshot.region(contract.facts.region)
        return contract.facts, Office(contract.facts.time_zone, None if region is None else region.office_number)

    def greet_staff(self) -> VoiceResponse:
        """Who is on call, as the menu is not there."""
        order = self.snapshot.order(self.settings.default_region, self.now)
        return entrance.ask_pin(self, prompts.staff_on_call([(why, each.name) for each, why in order]))

    def ring_back(self) -> VoiceResponse:
        """Once the database is back."""
        self.note("ring_back")
        return goodbye(prompts.RING_BACK_LATER)

    def office_has_it(self) -> None:
        self.note("office")

    # The problem.

    def is_administrator(self) -> None:
        self.note("level")

    def report(self, priority: Priority) -> VoiceResponse:
        """Whether the problem is known can't be asked here; a ticket is due from this moment."""
        self.know(priority=priority.value)
        return self.report_new()

    def known_problem(self) -> str | None:
        """Of a call to which the question was put with the database."""
        return prompts.KNOWN

    def report_known(self) -> VoiceResponse:
        if self.carried.known is None:
            return self.report_new()
        self.know(ticket=self.carried.known)
        self.note("again", priority=self.carried.priority)
        return ring_next(self, prompts.CALLING)

    def report_new(self) -> VoiceResponse:
        self.note("reported", priority=self.carried.priority)
        return ring_next(self, prompts.CALLING)

    def keep_message(self, said: Spoken) -> VoiceResponse:
        self.note("reported", priority=Priority.P3)
        return leave_message(self, prompts.LATER_KEPT)

    # A number to call back.

    @property
    def _own_number(self) -> str | None:
        """The number called from, if it may be called."""
        return self.caller if self.caller and refusal_of(self.caller, self.ours()) is None else None

    def offered(self) -> Sequence[str]:
        if self._own_number is not None:
            return [self._own_number]
        customer = self.contract.customer_id if self.contract is not None else None
        return self.snapshot.registered(self.settings, customer)

    def homes(self) -> Sequence[str | None]:
        names = (self.contract.facts.region if self.contract is not None else None, self.settings.default_region)
        regions = [self.snapshot.region(name) for name in names if name is not None]
        offices = [region.office_number for region in regions if region is not None]
        return [self.caller, *offices, self.settings.our_number]

    def ours(self, numbers: Iterable[str] = ()) -> Ours:
        return self.snapshot.ours(self.settings)

    def call_back(self, number: str, *, typed: bool = False) -> VoiceResponse:
        """After a conversation who has the ticket is told, once the database is back."""
        if self.carried.left_by is not None:
            self.note("call_back", person=self.carried.left_by, number=number)
        else:
            self.note("callback", number=number)
        return goodbye(prompts.CALL_BACK_KEPT)

    def number_refused(self, keys: str, refused: Refused | None) -> VoiceResponse:
        """Put through instead. Hash alone was no number."""
        return callback.go_on(self, calling_back.refused(refused) if keys else "")

    def go_on(self, before: str = "") -> VoiceResponse:
        return ring_next(self, before)

    def read_back(self) -> VoiceResponse:
        """With the database."""
        self.know(read_back=False)
        if self.digits != "2":
            return goodbye(prompts.CALL_BACK_KEPT)
        self.note("number_wrong")
        return callback.go_on(self)

    # The technician's line has ended.

    def may_ring(self) -> bool:
        return self.carried.again < self.times.goodbye_rings

    def somebody_comes(self) -> bool:
        """Nobody is rung here but within the caller's own call."""
        return False

    def ring_again(self) -> VoiceResponse | None:
        """The same technician and nobody else."""
        person = self.snapshot.person(self.carried.left_by or self.carried.person or 0)
        if person is None or not self.may_ring():
            return None
        self.know(left_by=person.id, person=person.id, again=self.carried.again + 1, readings=0)
        self.note("rejoin", person=person.id)
        return dial_person(self, person, line_ended.ringing_again(person.first_name))

    def rung_in_vain(self, *, busy: bool) -> VoiceResponse:
        """The technician was rung, and did not come back."""
        person = self.snapshot.person(self.carried.left_by or 0)
        name = person.first_name if person is not None else "The technician"
        return hung_up.in_vain(self, line_ended.unreached(name, busy=busy))

    def ring_another(self) -> VoiceResponse:
        self.note("asked_on", person=self.carried.left_by)
        self.know(after=self.carried.left_by, left_by=None, round=1, tried=(), rung=0, busy=0, first=None)
        return ring_next(self)

    def ask_number(self) -> VoiceResponse:
        """The one called from is taken; who has none that can be called says one."""
        if self._own_number is not None:
            return self.call_back(self._own_number)
        self.note("call_back", person=self.carried.left_by)
        return self.record("message", RecordingKind.MESSAGE, prompts.WHICH_NUMBER)

    def end_silently(self, *, wrong_keys: bool) -> VoiceResponse:
        """The technician is told once the database is back."""
        self.note("silent", person=self.carried.left_by, wrong_keys=wrong_keys or None)
        return goodbye(prompts.WRONG_KEYS_GOODBYE if wrong_keys else prompts.SILENT_GOODBYE)
