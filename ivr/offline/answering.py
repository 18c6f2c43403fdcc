"""Answering calls while the database is away: builds the step, runs it, and puts its facts down before the answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from core import log
from core.clock import real_now
from ivr.dialogue import entrance, hung_up, problem
from ivr.dialogue.questions import QUESTIONS
from ivr.offline import dialed, message, prompts, screening
from ivr.offline.away import AwayTalk
from ivr.offline.carried import Carried, opened
from ivr.prompts import faults
from ivr.twilio.belonging import StrangerError
from ivr.twilio.twiml import VoiceResponse, empty, goodbye
from oncall.models.refusals import Reason
from oncall.models.work.recordings import RecordingKind
from oncall.outage.answers import KEPT_FOR_S, Answer, KeptAnswers
from oncall.outage.journal import Entry, Journal
from oncall.outage.snapshot import NOTHING, Snapshot
from oncall.outage.snapshot_file import NoSnapshotError, SnapshotFile
from oncall.runtime import Runtime

logger = log.get_logger(__name__)

Run = Callable[[AwayTalk], VoiceResponse]
STEPS: dict[str, Run] = {
    **QUESTIONS,
    "later": problem.message,
    "screen": screening.screen,
    "key": screening.key,
    "dialed": dialed.dialed,
    "dropped": hung_up.hung_up_key,
    "held": dialed.held,
    "message": message.message,
    "recorded": message.recorded,
}
# How the ordinary conversation's questions begin, as `KeptAnswers` knows them.
ORDINARY: Final = "call "
# Requests about the called side, whose numbers are not the caller's.
_CALLED_SIDE = frozenset({"screen", "key"})


class AwayDesk:
    """One a process."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.file, self.journal = SnapshotFile(runtime.settings), Journal(runtime.settings)
        self.answers = KeptAnswers(runtime.settings)

    @property
    def is_away(self) -> bool:
        """Whether the database is away, as far as this process knows."""
        return self.runtime.database.outlook.away

    def still_away(self) -> bool:
        """The same, having looked just now: whoever waits for the answer gets a better one with the database."""
        return self.runtime.database.outlook.still_away()

    def greet(self, form: dict[str, str]) -> str:
        """The answer to a call that comes in."""
        carried = Carried(sid=form.get("CallSid", ""))
        return self.answer(carried, greet, form, {}, form.get("From", ""), "greet")

    def go_on(self, name: str, form: dict[str, str], args: Mapping[str, str]) -> str:
        """The answer to a question that was asked without the database. Raises StrangerError for another call's."""
        carried = opened(self.runtime.settings, args.get("s", ""))
        if carried is None or name not in STEPS or _is_old(carried):
            logger.warning("step without a state", step=name)
            return str(goodbye(faults.SORRY_GOODBYE))
        _check_call(carried, name, form)
        reported = "" if name in _CALLED_SIDE else other_side(form)
        # A recording is reported beside the conversation, maybe in several parts: its facts' keys keep it single.
        question = None if name == "recorded" else f"{name} {args['s']}"
        return self.answer(carried, STEPS[name], form, dict(args), reported, question)

    def outage(self) -> str:
        """What tells this time without the database from the one before: the snapshot that could be made last."""
        try:
            return self.file.read().taken_at.isoformat()
        except NoSnapshotError:
            return ""

    def answer(
        self,
        carried: Carried,
        run: Run,
        form: dict[str, str],
        args: dict[str, str],
        reported: str,
        question: str | None,
    ) -> str:
        """The first answer of this call, whose caller the network `reported` so, to this question.

        `question`: None for what may be answered anew each time.

        Its facts are in the journal before it goes out, once more for a second look, which changes nothing twice.
        """
        known = replace(carried, begun=carried.begun or int(real_now().timestamp()))

        def make() -> Answer:
            document, step = self._run(known, run, form, args, reported)
            return Answer(document, tuple(step.facts))

        return self._first(carried.sid, question, make)

    def _first(self, call: str, question: str | None, make: Callable[[], Answer]) -> str:
        if question is None:
            answer = make()
        else:
            answer = self.answers.first(call, question, make, ordinary=question.startswith(ORDINARY))
        self.journal.write(*answer.facts)
        return answer.document

    def _run(
        self, carried: Carried, run: Run, form: dict[str, str], args: dict[str, str], reported: str
    ) -> tuple[str, AwayTalk]:
        """Run a step. Whatever goes wrong, the caller hears a human sentence and can leave a message."""
        try:
            step = self._step(self.file.read(), carried, form, args, reported)
            return str(run(step)), step
        except NoSnapshotError as error:
            logger.error("the hotline has neither its database nor a snapshot", reason=str(error))
        except Exception:
            logger.exception("step without the database failed", call_sid=carried.sid)
        step = self._step(NOTHING, carried, form, args, reported)
        return str(_blind(step)), step

    def _step(
        self, snapshot: Snapshot, carried: Carried, form: dict[str, str], args: dict[str, str], reported: str
    ) -> AwayTalk:
        settings, now, back = self.runtime.settings, self.runtime.clock.now(), not self.is_away
        caller = snapshot.caller_id(settings, reported)
        return AwayTalk(settings, snapshot, replace(carried), form, args, caller.number, now, back, caller.name)

    def blind(self, form: dict[str, str], args: Mapping[str, str]) -> str:
        """After a message to nobody in particular."""
        carried = opened(self.runtime.settings, args.get("s", "")) or Carried(sid=form.get("CallSid", ""))
        _check_call(carried, "blind", form)

        def make() -> Answer:
            step = self._step(NOTHING, carried, form, dict(args), form.get("From", ""))
            document = str(_after_blind(step))
            return Answer(document, tuple(step.facts))

        return self._first(carried.sid, f"blind {args.get('s', '')}", make)

    def note_end(self, form: Mapping[str, str]) -> None:
        """A call that came in is over."""
        sid, caller = form.get("CallSid", ""), NOTHING.caller_id(self.runtime.settings, form.get("From", ""))
        more = {"status": form.get("CallStatus", "completed"), "caller": caller.number}
        self.journal.write(Entry(f"{sid}:over", self.runtime.clock.now(), "over", sid, more))

    def keep_report(self, endpoint: str, args: Mapping[str, object], form: Mapping[str, str]) -> None:
        """A report for later: it is noted by the ordinary way when the database is back."""
        which = form.get("SequenceNumber") or form.get("StatusCallbackEvent", "")
        state = form.get("CallStatus") or form.get("MessageStatus") or form.get("RecordingStatus", "")
        sid = form.get("CallSid", "") or form.get("MessageSid", "")
        place = "/".join(str(value) for value in args.values())
        key = f"report:{endpoint}:{place}:{sid}:{state}:{which}:{form.get('Timestamp', '')}"
        more = {"endpoint": endpoint, "args": dict(args), "form": dict(form)}
        self.journal.write(Entry(key, self.runtime.clock.now(), "report", sid, more))


def greet(step: AwayTalk) -> VoiceResponse:
    """A call comes in."""
    step.note("came")
    if step.caller not in step.snapshot.blocked:
        return entrance.greet(step)
    step.refuse(Reason.BLOCKED_NUMBER)
    response = VoiceResponse()
    response.reject(reason="rejected")
    return response


def _after_blind(step: AwayTalk) -> VoiceResponse:
    said = step.recording
    if said is None:
        return goodbye(prompts.blind_silence(step.settings.support_web_address))
    step.note("blind", **said._asdict())
    return empty() if step.is_over else goodbye(prompts.BLIND_KEPT)


def _check_call(carried: Carried, name: str, form: Mapping[str, str]) -> None:
    """A question is answered by the call that was asked; on the called side by a call of its. Raises StrangerError."""
    if name in _CALLED_SIDE:
        expected, given = carried.sid, form.get("ParentCallSid", "")
        if given not in {"", expected} or carried.child not in {"", form.get("CallSid", "")}:
            raise StrangerError("away: the called side is another one")
    elif form.get("CallSid", "") != carried.sid:
        raise StrangerError("away: the call is another one")


def _is_old(carried: Carried) -> bool:
    """Whether the answers of this call may have been forgotten."""
    return bool(carried.begun) and real_now().timestamp() - carried.begun > KEPT_FOR_S


def _blind(step: AwayTalk) -> VoiceResponse:
    """Nothing is known: the truth, and a recorded message."""
    if step.is_over:
        return empty()
    step.note("came")
    return step.record("blind", RecordingKind.MESSAGE, prompts.BLIND)


def other_side(form: Mapping[str, str]) -> str:
    """The number of whoever is on the phone with us, whoever called whom."""
    return form.get("To" if form.get("Direction", "").startswith("outbound") else "From", "")
