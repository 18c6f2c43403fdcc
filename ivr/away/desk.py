"""Answering calls while the database is away: builds the step, runs it, and puts its facts down before the answer."""

from collections.abc import Mapping

from core import log
from ivr import prompts as usual
from ivr.away import callback, calling, hotline, hung_up, prompts
from ivr.away.carried import Carried, opened
from ivr.away.step import Run, Step
from ivr.twiml import VoiceResponse, empty, goodbye
from oncall.away.journal import Entry, Journal
from oncall.away.snapshot import NOTHING, Snapshot
from oncall.away.storing import NoSnapshotError, SnapshotFile
from oncall.runtime import Runtime

logger = log.get_logger(__name__)

STEPS: dict[str, Run] = {
    "pin": hotline.pin,
    "office_first": hotline.office_first,
    "office_done": hotline.office_done,
    "level": hotline.level,
    "priority": hotline.priority,
    "known": hotline.known,
    "later": hotline.later,
    "screen": calling.screen,
    "key": calling.key,
    "dialed": calling.dialed,
    "dropped": hung_up.dropped,
    "next_key": hung_up.next_key,
    "held": calling.held,
    "message": calling.message,
    "callback": callback.call_back,
    "recorded": calling.recorded,
}
# Requests about the called side, whose numbers are not the caller's.
_CALLED_SIDE = frozenset({"screen", "key"})


class AwayDesk:
    """One a process."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.file, self.journal = SnapshotFile(runtime.settings), Journal(runtime.settings)

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
        return self.answer(carried, hotline.greet, form, {}, form.get("From", ""))

    def go_on(self, name: str, form: dict[str, str], args: Mapping[str, str]) -> str:
        """The answer to a question that was asked without the database."""
        carried = opened(self.runtime.settings, args.get("s", ""))
        if carried is None or name not in STEPS:
            logger.warning("step without a state", step=name)
            return str(goodbye(usual.SORRY_GOODBYE))
        reported = "" if name in _CALLED_SIDE else _other_side(form)
        return self.answer(carried, STEPS[name], form, dict(args), reported)

    def answer(self, carried: Carried, run: Run, form: dict[str, str], args: dict[str, str], reported: str) -> str:
        """Run a step; the network `reported` its caller so.

        Whatever goes wrong, the caller hears a human sentence and can leave a message.
        """
        now = self.runtime.clock.now()
        try:
            snapshot = self._snapshot()
            caller = snapshot.caller_id(self.runtime.settings, reported)
            step = Step(
                self.runtime.settings, snapshot, carried, form, args, caller.number, now, not self.is_away, caller.name
            )
            document = str(run(step))
        except Exception as error:
            if not isinstance(error, NoSnapshotError):
                logger.exception("step without the database failed", call_sid=carried.sid)
            step = self._blind_step(carried, form, args, reported)
            document = str(_blind(step))
        self.journal.write(*step.facts)
        return document

    def _snapshot(self) -> Snapshot:
        try:
            return self.file.read()
        except NoSnapshotError as error:
            logger.error("the hotline has neither its database nor a snapshot", reason=str(error))
            raise

    def _blind_step(self, carried: Carried, form: dict[str, str], args: dict[str, str], reported: str) -> Step:
        caller, now = NOTHING.caller_id(self.runtime.settings, reported), self.runtime.clock.now()
        return Step(self.runtime.settings, NOTHING, carried, form, args, caller.number, now, name=caller.name)

    def blind(self, form: dict[str, str], args: Mapping[str, str]) -> str:
        """After a message to nobody in particular."""
        carried = opened(self.runtime.settings, args.get("s", "")) or Carried(sid=form.get("CallSid", ""))
        step = self._blind_step(carried, form, dict(args), form.get("From", ""))
        said = step.recording
        if said is None:
            document = goodbye(prompts.blind_silence(step.settings.support_web_address))
        else:
            step.note("blind", sid=said.sid, url=said.url, seconds=said.seconds)
            document = empty() if step.is_over else goodbye(prompts.BLIND_KEPT)
        self.journal.write(*step.facts)
        return str(document)

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


def _blind(step: Step) -> VoiceResponse:
    """Nothing is known: the truth, and a recorded message."""
    if step.is_over:
        return empty()
    step.note("came")
    return step.record("blind", prompts.BLIND)


def _other_side(form: Mapping[str, str]) -> str:
    """The number of whoever is on the phone with us, whoever called whom."""
    return form.get("To" if form.get("Direction", "").startswith("outbound") else "From", "")
