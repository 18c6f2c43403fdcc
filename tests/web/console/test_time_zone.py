"""One's own clock: chosen on the account's page, used for tickets, work and shifts, with the roster's beside it."""

import pytest
from flask.testing import FlaskClient

from core.db import Database
from oncall.models.access.accounts import Account
from tests.web.console.rosters.roster_desk import Clerk
from tests.web.signing_in import BROWSER


def choose(who: Clerk, zone: str) -> str:
    data = {"csrf_token": who.token, "zone": zone}
    answer = who.client.post("/account/time-zone", data=data, headers=BROWSER, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def look(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    return answer.text


def test_shifts_and_changes_stand_on_ones_own_clock_and_the_rosters(ada: Clerk, mara: Clerk) -> None:
    assert "until Mon 1 Jun 2026, 18:00 CEST" in look(ada.client, "/on-call")
    assert "on the clock of Asia/Tokyo now" in choose(ada, "asia/tokyo")
    shown = look(ada.client, "/on-call")
    assert "until Tue 2 Jun 2026, 01:00 JST (Mon 1 Jun 2026, 18:00 CEST)" in shown
    assert "Tue 2 Jun 2026, 01:00 JST (Mon 1 Jun 2026, 18:00 CEST)" in look(ada.client, "/on-call/mine")
    assert "JST" in look(ada.client, "/my-work")
    assert "JST" not in look(mara.client, "/on-call"), "it is hers alone"
    choose(ada, "Europe/London")
    assert "until Mon 1 Jun 2026, 17:00 BST (18:00 CEST)" in look(ada.client, "/on-call")
    choose(ada, "")
    assert "until Mon 1 Jun 2026, 18:00 CEST" in look(ada.client, "/on-call")


@pytest.mark.parametrize("wrong", ["Europe/Rom", "<b>", "x" * 300])
def test_what_is_no_zone_is_told_beside_the_field_and_kept(ada: Clerk, database: Database, wrong: str) -> None:
    page = choose(ada, wrong)
    assert "Unknown time zone" in page
    assert 'aria-describedby="zone-wrong"' in page
    assert "<b>" not in page
    assert wrong[:10].replace("<b>", "&lt;b&gt;") in page
    assert "Unknown time zone" not in look(ada.client, "/account"), "told once"
    with database.transaction() as session:
        assert {account.time_zone for account in session.query(Account)} == {None}
