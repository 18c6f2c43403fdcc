"""Directory files: one with everything in it that the published format names, and that of the demo."""

from pathlib import Path

DEMO = Path(__file__).parents[1] / "demo" / "demo.yaml"

EXAMPLE = """\
people:
  - name: Ada Rossi
    phone: "+390584000001"
    email: ada@example.org
    role: technician            # technician | team_leader | support_manager | executive
    pin: "70519283"             # for the technician menu
  - {name: Bruno Verdi, phone: "+390584000002", email: bruno@example.org, role: technician}
  - {name: Carla Neri,  phone: "+390584000003", email: carla@example.org, role: team_leader}
customers:
  - name: Acme
    email: it@acme.example
    phones: ["+390212345678"]   # registered numbers
    pin: "48151623"
    contract:
      plan: platinum            # basic | gold | platinum
      region: europe            # europe | america | middle_east | apac
      start: 2026-01-01
      end: 2027-12-31
      paid: true
      products: [{name: UC Suite, end_of_life: null}]
regions:                        # optional; the defaults ship
  - {name: europe, time_zone: Europe/Rome, office_number: "+390584943232"}
rosters:
  - name: After hours
    regions: [europe, america, middle_east]
    time_zone: Europe/Rome
    layers:                     # rung in this order
      - name: first
        rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Ada Rossi, Bruno Verdi]}
      - name: backup
        rotation: {start: 2026-01-05T18:00, every: 1 week, people: [Bruno Verdi, Ada Rossi]}
    overrides:
      - {layer: first, from: 2026-12-24T18:00, to: 2026-12-25T09:00, person: Carla Neri}
paging:                         # optional; all in seconds
  {no_answer: 45, rounds: 3, then_every: 300}
alarm_tokens:
  - {customer: Acme, token: "example-token"}
"""

SECOND_CUSTOMER = """\
  - name: Bolt
    pin: "38205917"
    contract: {plan: platinum, region: europe, start: 2026-01-01, end: 2027-12-31}
"""


def edited(*changes: tuple[str, str]) -> str:
    """The example with texts replaced, each of which must be in it once."""
    text = EXAMPLE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
