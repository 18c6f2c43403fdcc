"""Who is in the tests' directory, and their phones."""

from dataclasses import dataclass
from typing import Self

from simulator.driven_phone import DrivenPhone
from simulator.driver import Network
from tests.calls.stack import Gateway

ACME_PIN, LAPSED_PIN, GOLD_PIN = "48151623", "90210573", "73519264"
UNPAID_PIN, APAC_PIN, OLD_PIN, FUTURE_PIN = "60371945", "82650417", "39174806", "71802964"
BETA_PIN = "26409573"
ADA_PIN, BRUNO_PIN = "70519283", "94062817"

BETA = "+390212345007"
ACME, ADA, BRUNO, CARLA, DINO = "+390212345678", "+393470000001", "+393470000002", "+393470000003", "+393470000004"
OFFICE, STRANGER = "+390584943232", "+393339998877"


def _customer(name: str, phone: str, pin: str, **contract: str) -> str:
    terms = {"plan": "platinum", "region": "europe", "start": "2026-01-01", "end": "2035-12-31", "paid": "true"}
    terms |= {"products": "[{name: UC Suite, end_of_life: null}]"} | contract
    lines = "".join(f"\n      {key}: {value}" for key, value in terms.items())
    mail = f"it@{name.lower()}.example"
    return f'  - name: {name}\n    email: {mail}\n    phones: ["{phone}"]\n    pin: "{pin}"\n    contract:{lines}\n'


DIRECTORY = (
    f"""
people:
  - {{name: Ada Rossi, phone: "{ADA}", email: ada@example.org, role: technician, pin: "{ADA_PIN}"}}
  - {{name: Bruno Verdi, phone: "{BRUNO}", email: bruno@example.org, role: technician, pin: "{BRUNO_PIN}"}}
  - {{name: Carla Neri, phone: "{CARLA}", email: carla@example.org, role: team_leader}}
  - {{name: Dino Gallo, phone: "{DINO}", email: dino@example.org, role: support_manager}}
customers:
"""
    + _customer("Acme", ACME, ACME_PIN)
    + _customer("Beta", BETA, BETA_PIN)
    + _customer("Lapsed", "+390212345001", LAPSED_PIN, start="2025-01-01", end="2025-12-31")
    + _customer("Golden", "+390212345002", GOLD_PIN, plan="gold")
    + _customer("Unpaid", "+390212345003", UNPAID_PIN, paid="false")
    + _customer("Pacific", "+390212345004", APAC_PIN, region="apac")
    + _customer("Antique", "+390212345005", OLD_PIN, products="[{name: Old Suite, end_of_life: 2026-01-31}]")
    + _customer("Future", "+390212345006", FUTURE_PIN, start="2026-12-01")
    + f"""
regions:
  - {{name: europe, time_zone: Europe/Rome, office_number: "{OFFICE}"}}
rosters:
  - name: After hours
    regions: [europe, america, middle_east]
    time_zone: Europe/Rome
    layers:
      - name: first
        rotation: {{start: 2026-01-05T18:00, every: 1 week, people: [Ada Rossi]}}
      - name: backup
        rotation: {{start: 2026-01-05T18:00, every: 1 week, people: [Bruno Verdi]}}
"""
)


@dataclass
class Cast:
    """Phones by name. `stranger` is a number that nobody knows."""

    acme: DrivenPhone
    beta: DrivenPhone
    ada: DrivenPhone
    bruno: DrivenPhone
    carla: DrivenPhone
    dino: DrivenPhone
    office: DrivenPhone
    stranger: DrivenPhone

    @classmethod
    def on(cls, network: Network) -> Self:
        return cls(
            acme=network.phone(ACME, "Acme"),
            beta=network.phone(BETA, "Beta"),
            ada=network.phone(ADA, "Ada Rossi", "technician"),
            bruno=network.phone(BRUNO, "Bruno Verdi", "technician"),
            carla=network.phone(CARLA, "Carla Neri", "team_leader"),
            dino=network.phone(DINO, "Dino Gallo", "support_manager"),
            office=network.phone(OFFICE, "Office", "office"),
            stranger=network.phone(STRANGER, "Stranger"),
        )


def report_problem(phone: DrivenPhone, pin: str = ACME_PIN, priority: str = "1") -> str:
    """Call the hotline as a customer up to the ticket; its number as it was spoken."""
    phone.dial()
    phone.expect("type your PIN")
    phone.press(f"{pin}#")
    phone.expect("system administrator")
    phone.press("1")
    phone.expect("critical")
    phone.press(priority)
    heard = phone.expect(r"ticket number is ((?:\d, )+\d)")
    return heard.group(1).replace(", ", "")


def hurry(gateway: Gateway) -> None:
    """From here on a test only listens: time in calls runs faster until the next test begins."""
    gateway.network.set_speed(50)
