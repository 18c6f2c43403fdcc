"""Many calls at different steps while the database is stopped for some seconds: a part of `make chaos`, in short."""

from bench.chaos.storm import blow
from bench.outage import Storm


def test_eight_calls(storm: Storm) -> None:
    storm.gateway.wipe()
    figures = blow(storm, calls=8, seconds=6)
    assert figures.is_good, "\n".join(figures.lines())
    assert figures.apologies == 0
    assert figures.facts > 8
