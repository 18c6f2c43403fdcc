"""Small pieces of TwiML in the gateway's own voice."""

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from core.text.letters import speakable

LANGUAGE = "en-GB"

# Twilio: a Say of a basic voice may have 4096 characters.
SAY_LIMIT = 4000


def say(verb: VoiceResponse | Gather, words: str) -> None:
    """Speak English. Names keep letters that a voice can read."""
    verb.say(speakable(words)[:SAY_LIMIT], language=LANGUAGE)


def spoken(words: str) -> VoiceResponse:
    """A document that says something; the caller may add what follows."""
    response = VoiceResponse()
    if words:
        say(response, words)
    return response


def goodbye(words: str) -> VoiceResponse:
    """Say something and end the call."""
    response = spoken(words)
    response.hangup()
    return response


def empty() -> VoiceResponse:
    """Nothing to do: for callbacks whose call is over."""
    return VoiceResponse()


__all__ = ["LANGUAGE", "Dial", "Gather", "MessagingResponse", "VoiceResponse", "empty", "goodbye", "say", "spoken"]
