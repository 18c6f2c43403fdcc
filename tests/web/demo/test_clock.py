"""The pretended time, as the softphone page reads and sets it."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from core.clock import real_now
from core.db import Database
from oncall.models.stored_settings import clock_shift
from oncall.paging.engine import LISTENING


def test_tells_the_time_by_the_clock_of_the_region(demo: FlaskClient) -> None:
    face = demo.get("/demo/clock").get_json()
    assert face["weekday"] == "Sunday"
    assert face["local"] == "Sun 14 Jun 2026, 02:00"
    assert face["time"].startswith("02:00:")
    assert face["zone"] == "Europe/Rome"
    assert face["staffed"] is False
    assert face["now"].startswith("2026-06-14T00:00:")
    assert face["now"].endswith("Z")


def test_sets_it_for_this_and_every_other_process(demo: FlaskClient, database: Database) -> None:
    before = real_now()
    face = demo.post("/demo/clock", json={"set": "Monday 10:30"}).get_json()
    after = real_now()
    assert face["local"] == "Mon 15 Jun 2026, 10:30"
    assert face["staffed"] is True
    assert demo.get("/demo/clock").get_json()["local"] == "Mon 15 Jun 2026, 10:30"
    with database.transaction() as session:
        shift = clock_shift(session)
    assert shift is not None
    assert before <= datetime(2026, 6, 15, 8, 30, tzinfo=UTC) - shift <= after


@pytest.mark.parametrize("words", ["", "soon", "Sunday 25:00", "Someday 02:00", "2026-13-01T00:00", "1999-01-01"])
def test_nonsense_is_refused_with_a_sentence_and_changes_nothing(
    demo: FlaskClient, database: Database, words: str
) -> None:
    answer = demo.post("/demo/clock", json={"set": words})
    assert answer.status_code == 422
    assert answer.get_json()["error"].endswith(".")
    with database.transaction() as session:
        assert clock_shift(session) is None


@pytest.mark.parametrize("body", [{}, {"set": None}, {"set": 5}, [], "Sunday 02:00"])
def test_other_shapes_are_refused(demo: FlaskClient, body: object) -> None:
    answer = demo.post("/demo/clock", json=body, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.get_json()["error"]


def test_a_form_of_another_site_is_refused(demo: FlaskClient) -> None:
    assert demo.post("/demo/clock", data={"set": "Sunday 02:00"}).status_code == 415
    plain = demo.post("/demo/clock", data='{"set": "Sunday 02:00"}', content_type="text/plain")
    assert plain.status_code == 415
    assert demo.post("/demo/paging", data={"no_answer": "5"}).status_code == 415


def test_paging_times_start_with_those_that_ship(demo: FlaskClient) -> None:
    times = demo.get("/demo/paging").get_json()
    assert (times["no_answer"], times["rounds"], times["then_every"]) == (45, 3, 300)


def test_listening_has_a_limit_of_its_own_which_impatience_leaves_alone(demo: FlaskClient) -> None:
    assert demo.get("/demo/paging").get_json()["listening"] == LISTENING.total_seconds()
    assert demo.post("/demo/paging", json={"no_answer": 10}).get_json()["listening"] == LISTENING.total_seconds()
    assert demo.post("/demo/paging", json={"listening": 10}).status_code == 422


def test_some_paging_times_are_changed_and_the_others_stay(demo: FlaskClient) -> None:
    assert demo.post("/demo/paging", json={"no_answer": 10}).get_json()["no_answer"] == 10
    times = demo.post("/demo/paging", json={"then_every": 60}).get_json()
    assert (times["no_answer"], times["rounds"], times["then_every"]) == (10, 3, 60)
    assert demo.get("/demo/paging").get_json() == times


@pytest.mark.parametrize("wrong", [{"no_answer": 0}, {"no_answer": "10"}, {"rounds": True}, {"patience": 3}])
def test_senseless_paging_times_are_refused_and_change_nothing(demo: FlaskClient, wrong: dict[str, object]) -> None:
    before = demo.get("/demo/paging").get_json()
    answer = demo.post("/demo/paging", json=wrong)
    assert answer.status_code == 422
    assert answer.get_json()["error"].endswith(".")
    assert demo.get("/demo/paging").get_json() == before
