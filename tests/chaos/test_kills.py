"""The short form of `make chaos`: pages go on while workers and a web process are killed, and the accountant agrees."""

from bench.chaos.kills import Scale, run
from bench.chaos.staff import Manner

SHORT = Scale(
    pages=16,
    rate=2.0,
    regions=4,
    technicians=2,
    workers=2,
    kill_every=1.0,
    least_kills=2,
    web_every=12.0,
    jump_every=5.0,
    mood_every=2.0,
    longest=60.0,
    # A busy machine takes long to pick up a phone, and to make up for what was killed.
    no_answer=20,
    recovery=600.0,
    speed=20.0,
    answer_seconds=0.3,
    only_asking=True,
    manner=Manner(answers=0.95, accepts=0.9, passes=0.1, picking_up=(1.0, 4.0)),
    settings={"PROVIDER_TIMEOUT": "1"},
)


def test_nothing_is_lost_while_workers_are_killed() -> None:
    found = run(SHORT)
    assert found.opened >= SHORT.pages
    assert found.account.unsent == []
    assert found.account.lost == []
    assert found.account.unknown == []
    assert found.stuck == 0, (found.late, found.held)
    assert found.accepted == found.opened
    assert found.repeats <= found.kills, found.account.repeats
    assert found.kills >= 2
    assert {held.work for held in found.held} >= {"call", "text"}, "the kills fell where they do no harm"
