"""The short form of `make chaos`: pages go on while workers and a web process are killed, and the accountant agrees."""

from bench.chaos.kills import Scale, run

SHORT = Scale(
    pages=16,
    rate=4.0,
    regions=4,
    technicians=2,
    workers=2,
    kill_every=1.5,
    web_every=5.0,
    jump_every=4.0,
    mood_every=2.0,
    longest=40.0,
    speed=20.0,
    settings={"PROVIDER_TIMEOUT": "1"},
)


def test_nothing_is_lost_while_workers_are_killed() -> None:
    found = run(SHORT)
    assert found.opened == SHORT.pages
    assert found.kills >= 2
    assert found.account.lost == []
    assert found.account.unknown == []
    assert found.account.unsent == []
    assert found.stuck == 0
    assert found.accepted == SHORT.pages
    assert found.repeats <= found.kills, found.account.repeats
