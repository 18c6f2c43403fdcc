"""The whole call, as the product tells it."""

from oncall.models.pages import Attempt, Page
from oncall.models.tickets import Intervention, Ticket
from tests.calls.people import Cast, report_problem
from tests.calls.stack import Gateway


def test_first_does_not_answer_second_accepts(gateway: Gateway, cast: Cast) -> None:
    number = report_problem(cast.acme)
    cast.acme.expect_text(f"ticket is {number}")
    cast.ada.rings()
    cast.ada.expect_text(f"P1 ticket {number} Acme: caller is on the line.*ACK")
    cast.acme.expect("beep")
    cast.acme.speak("The whole exchange is down", wait=True)
    cast.acme.press("#")
    cast.acme.expect("calling the (technician on call|second person)")
    cast.bruno.rings()
    cast.bruno.answer()
    cast.bruno.expect("P1, ticket .*, Acme. The caller is on the line. 59 minutes left to take charge")
    cast.bruno.press("1")
    cast.bruno.expect("It is yours")
    cast.acme.expect("A technician is here")
    gateway.joined(2)
    cast.bruno.speak("Good evening, this is Bruno", wait=True)
    cast.acme.expect("this is Bruno")
    gateway.settle()
    cast.acme.hang_up()
    cast.bruno.expect("caller is no longer on the line")
    cast.bruno.hang_up()
    cast.acme.expect_text(f"you spoke with Bruno about ticket {number}")
    gateway.settle()
    [ticket] = gateway.rows(Ticket)
    assert (ticket.number, ticket.state) == (int(number), "taken")
    assert ticket.assignee is not None
    assert ticket.assignee.name == "Bruno Verdi"
    [intervention] = gateway.rows(Intervention)
    assert intervention.person.name == "Bruno Verdi"
    assert intervention.kind == "call"
    assert intervention.ended_at is not None
    assert 0 < (intervention.ended_at - intervention.started_at).total_seconds() < 30
    assert [attempt.outcome for attempt in gateway.rows(Attempt)] == ["no answer", "accepted"]
    assert [page.state for page in gateway.rows(Page)] == ["accepted"]
