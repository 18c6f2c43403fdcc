"""Who is on call while things break: regions with a roster of a few technicians each, one customer a region."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.pins import pin_of

# Reached only when nobody of a roster answers.
CHIEFS: Final = (
    ("Team Leader", "+393480000001", "team_leader"),
    ("Support Manager", "+393480000002", "support_manager"),
)


@dataclass(frozen=True)
class World:
    """So many regions with so many technicians each, who are rung one after the other.

    `channels`: what else each technician can be reached by, "{name}" standing for who it is; in the file only if given.
    `mail_host`: the part of mail addresses after the @, none without. `pins`: customers can
    call (stretching their PINs takes a while).
    """

    regions: int
    technicians: int
    channels: tuple[str, ...] = ()
    mail_host: str = ""
    pins: bool = False

    def names(self, region: int) -> list[str]:
        """The region's technicians in ring order."""
        return [f"Tech {region:03} {place:02}" for place in range(self.technicians)]

    def phones(self, region: int) -> list[str]:
        """Their numbers, in the same order."""
        return [f"+39347{region:04}{place:03}" for place in range(self.technicians)]

    def staff(self) -> list[tuple[str, str]]:
        """Name and number of every technician."""
        return [
            pair for region in range(self.regions) for pair in zip(self.names(region), self.phones(region), strict=True)
        ]

    def customer(self, region: int) -> tuple[str, str]:
        """Number and PIN of the region's customer."""
        return f"+3902991{region:05}", pin_of(20_000_083 + 7919 * region)

    def directory(self) -> str:
        """The file that `flask load` takes. Without offices, so that the hour makes no difference."""
        return "\n".join([*self._people(), *self._customers(), *self._regions(), *self._rosters(), ""])

    def _people(self) -> Iterator[str]:
        yield "people:"
        for name, phone in self.staff():
            where = name.replace(" ", "").lower()
            mail = f", email: {where}@{self.mail_host}" if self.mail_host else ""
            listed = ", ".join(f'"{one.format(name=where)}"' for one in self.channels)
            more = f", channels: [{listed}]" if self.channels else ""
            yield f'  - {{name: {name}, phone: "{phone}", role: technician{mail}{more}}}'
        for name, phone, role in CHIEFS:
            yield f'  - {{name: {name}, phone: "{phone}", role: {role}}}'

    def _customers(self) -> Iterator[str]:
        yield "customers:"
        for region in range(self.regions):
            phone, pin = self.customer(region)
            yield f"  - name: Customer {region}"
            yield f'    phones: ["{phone}"]'
            if self.pins:
                yield f'    pin: "{pin}"'
            yield f"    contract: {{plan: platinum, region: region {region}, start: 2020-01-01, end: 2099-12-31,"
            yield "      paid: true, products: [{name: UC Suite, end_of_life: null}]}"

    def _regions(self) -> Iterator[str]:
        yield "regions:"
        for region in range(self.regions):
            yield f"  - {{name: region {region}, time_zone: Europe/Rome}}"

    def _rosters(self) -> Iterator[str]:
        yield "rosters:"
        for region in range(self.regions):
            yield f"  - name: Roster {region}"
            yield f"    regions: [region {region}]"
            yield "    time_zone: Europe/Rome"
            yield "    layers:"
            for place, name in enumerate(self.names(region)):
                yield f"      - name: layer {place}"
                yield f"        rotation: {{start: 2020-01-06T18:00, every: 1 week, people: [{name}]}}"
