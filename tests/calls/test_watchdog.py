"""Nobody works, and a page is due: the web process notices, and tells those in charge by itself."""

from email import message_from_bytes, policy

from sqlalchemy import text

from oncall.models.operations.troubles import Trouble
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway


def mails(gateway: Gateway) -> dict[str, str]:
    """Subjects of mails about trouble by their recipients, from the folder that stands in for a mail server."""
    read = [
        message_from_bytes(each.read_bytes(), policy=policy.default) for each in (gateway.folder / "mail").glob("*")
    ]
    return {str(mail["To"]): str(mail["Subject"]) for mail in read if "being paged" in str(mail["Subject"])}


def test_a_dead_fleet_of_workers_is_told_by_the_web_process(gateway: Gateway, cast: Cast) -> None:
    """Also while the gateway pretends another date."""
    for old in (gateway.folder / "mail").glob("*.eml"):
        old.unlink()
    gateway.processes.pop("worker").kill()
    number = report_problem(cast.acme)
    with gateway.database.transaction() as session:
        session.execute(text("UPDATE page SET due_at = now() - interval '31 s' WHERE state = 'paging'"))
    gateway.network.wait(lambda: len(mails(gateway)) == 2, 50, "the mails")
    assert mails(gateway) == dict.fromkeys(
        ("carla@example.org", "dino@example.org"), f"Nightline: ticket {number} (P1) is not being paged"
    )
    log = gateway.folder / "worker.log"
    log.write_text("")
    gateway.start_worker()
    gateway.network.wait(lambda: "worker started" in log.read_text(), 40, "the worker")
    cast.ada.rings(20)
    [trouble] = gateway.rows(Trouble, Trouble.kind == "pages")
    assert (trouble.times, trouble.ended_at) == (1, None)
