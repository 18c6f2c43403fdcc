"""What tests of a stopped database do again and again."""

import json
from pathlib import Path

from bench.outage import Storm
from core.settings import Settings
from oncall.outage.journal import Journal
from simulator.driven_phone import DrivenPhone
from tests.calls.people import ACME_PIN
from tests.calls.stack import Gateway

PATIENCE = 90.0
FAULT = "technical fault of our own; you can still reach the technician"


def call_in(phone: DrivenPhone, pin: str = ACME_PIN) -> None:
    """Call the hotline without its database, up to the PIN."""
    phone.dial()
    phone.expect(FAULT, PATIENCE)
    phone.press(f"{pin}#")


def report_away(phone: DrivenPhone, pin: str = ACME_PIN) -> None:
    """Up to the moment at which the first phone rings."""
    call_in(phone, pin)
    phone.expect("system administrator", PATIENCE)
    phone.press("1")
    phone.expect("critical", PATIENCE)
    phone.press("1")
    phone.expect("calling the technician on call", PATIENCE)


def press_one(storm: Storm, phone: DrivenPhone, words: str = "The caller is on the line. Press 1") -> None:
    """Pick up, hear who calls, press the key, and be joined."""
    phone.answer(PATIENCE)
    phone.expect(words, PATIENCE)
    phone.press("1")
    connected(storm, phone)


def connected(storm: Storm, phone: DrivenPhone) -> None:
    """Wait until the two talk."""
    network = storm.gateway.network
    network.wait(lambda: any(line.text == "connected" for line in phone.transcript), PATIENCE, "connected")


def talk(caller: DrivenPhone, technician: DrivenPhone) -> None:
    """Each hears the other."""
    caller.speak("Good evening", wait=True)
    technician.expect("Good evening", PATIENCE)
    technician.speak("What is down?", wait=True)
    caller.expect("What is down", PATIENCE)


def bad_lines(gateway: Gateway) -> list[str]:
    """What the logs of web and worker tell of exceptions that nobody expected."""
    found = []
    for log in (gateway.folder / "web.log", gateway.folder / "worker.log"):
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        found += [line["event"] for line in lines if "could not be brought in" in line["event"]]
    return found


def kept(gateway: Gateway) -> list[Path]:
    """What was put aside for a person to look at."""
    return list(Journal(Settings(var_dir=gateway.folder)).folder.glob("unreadable-*"))
