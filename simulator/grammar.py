"""Which TwiML verbs, attributes and nesting exist (Twilio, TwiML for Programmable Voice)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    attributes: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()
    text: bool = False


def _rule(attributes: str = "", children: str = "", text: bool = False) -> Rule:
    return Rule(frozenset(attributes.split()), frozenset(children.split()), text)


_RECORDING = "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent"
_CALLBACK = "statusCallback statusCallbackMethod statusCallbackEvent"

VERBS: dict[str, Rule] = {
    "Say": _rule("voice language loop", text=True),
    "Play": _rule("loop digits", text=True),
    "Pause": _rule("length"),
    "Gather": _rule(
        "action method input timeout finishOnKey numDigits actionOnEmptyResult speechTimeout maxSpeechTime "
        "speechModel hints language profanityFilter enhanced bargeIn",
        "Say Play Pause",
    ),
    "Record": _rule(
        "action method timeout finishOnKey maxLength playBeep trim transcribe transcribeCallback "
        f"{_RECORDING} recordingTrack"
    ),
    "Dial": _rule(
        "action method timeout timeLimit hangupOnStar callerId answerOnBridge record trim ringTone "
        f"callReason {_RECORDING} recordingTrack",
        "Number Conference Queue",
        text=True,
    ),
    "Enqueue": _rule("action method waitUrl waitUrlMethod maxQueueSize", text=True),
    "Leave": _rule(),
    "Redirect": _rule("method", text=True),
    "Hangup": _rule(),
    "Reject": _rule("reason"),
    "Message": _rule("to from action method statusCallback", "Body", text=True),
    "Sms": _rule("to from action method statusCallback", text=True),
}
NOUNS: dict[str, Rule] = {
    "Number": _rule(f"url method sendDigits {_CALLBACK}", text=True),
    "Conference": _rule(
        "muted beep startConferenceOnEnter endConferenceOnExit participantLabel jitterBufferSize waitUrl "
        f"waitMethod maxParticipants record region trim coach {_CALLBACK} {_RECORDING}",
        text=True,
    ),
    "Queue": _rule("url method", text=True),
    "Body": _rule(text=True),
}
RULES = VERBS | NOUNS
# marks inside Say that change how words sound and not what they are
SPEECH_MARKS = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})

CALL = frozenset(VERBS) - {"Leave"}
SCREENING = CALL - {"Dial", "Enqueue", "Reject"}
QUEUE_WAIT = frozenset({"Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup"})
CONFERENCE_WAIT = frozenset({"Say", "Play", "Pause", "Redirect"})
MESSAGE_REPLY = frozenset({"Message", "Sms", "Redirect"})
