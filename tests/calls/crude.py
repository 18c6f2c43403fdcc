"""A call as the crudest of networks plays it: it reads the document, and the test decides what happens next.

Nothing of the simulator or of the gateway is used here: other networks than ours must get along with the gateway.
"""

from collections.abc import Callable
from xml.etree import ElementTree

Send = Callable[[str, dict[str, str]], str]


class Leg:
    """One call. `send` posts parameters to an address and returns the document that answers."""

    def __init__(
        self, send: Send, sid: str, caller: str, called: str, direction: str = "inbound", account: str = ""
    ) -> None:
        self.send, self.sid = send, sid
        self.caller, self.called, self.direction = caller, called, direction
        self.account = {"AccountSid": account} if account else {}
        self.status = "in-progress"
        self.document = ElementTree.Element("Response")

    @property
    def params(self) -> dict[str, str]:
        """What every request about this call carries."""
        known = {"CallSid": self.sid, **self.account, "CallStatus": self.status, "Direction": self.direction}
        return known | {"From": self.caller, "To": self.called}

    def ask(self, url: str, **more: str) -> None:
        """Go on with the document at an address; one that hangs up ends the call."""
        self.document = ElementTree.fromstring(self.send(url, self.params | more))  # noqa: S314 - our own gateway
        if self.document.find("Hangup") is not None or len(self.document) == 0:
            self.status = "completed"

    @property
    def words(self) -> str:
        """Everything that the document says."""
        return " ".join(said.text or "" for said in self.document.iter("Say"))

    @property
    def room(self) -> ElementTree.Element | None:
        """The conference that the document leads to."""
        return self.document.find("Dial/Conference")

    def place(self, verb: str) -> str:
        """Where the result of a verb goes."""
        found = self.document.find(verb)
        assert found is not None, f"there is no {verb} in {ElementTree.tostring(self.document, 'unicode')}"
        return found.get("action", "")

    def press(self, keys: str) -> None:
        self.ask(self.place("Gather"), Digits=keys)

    def wait(self) -> None:
        """No key: the verb after the Gather."""
        redirect = self.document.find("Redirect")
        assert redirect is not None, ElementTree.tostring(self.document, "unicode")
        self.ask(redirect.text or "")

    def speak(self, recording: str, seconds: int) -> None:
        """Something is recorded, and ended by hash."""
        url = f"http://recordings.example/{recording}"
        self.ask(
            self.place("Record"), Digits="#", RecordingSid=recording, RecordingUrl=url, RecordingDuration=str(seconds)
        )

    def hang_up(self) -> None:
        """The person puts the phone down. Whoever was in a room is reported by the Dial's action."""
        self.status = "completed"
        if self.room is not None:
            self.send(self.place("Dial"), self.params | {"DialCallStatus": "answered"})
