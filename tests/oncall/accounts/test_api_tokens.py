"""Programs and their tokens."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.clock import real_now
from oncall.accounts.api_tokens import ProgramError, find_program, make_program, programs, revoke_program
from oncall.models.access.api_tokens import Program


def test_a_token_is_good_until_it_is_revoked(session: Session) -> None:
    token = make_program(session, " wall  board ", real_now())
    found = find_program(session, token)
    assert found is not None
    assert found.name == "wall board"
    assert [each.name for each in programs(session)] == ["wall board"]
    revoke_program(session, "wall board", real_now())
    assert find_program(session, token) is None
    assert programs(session) == []


def test_the_token_itself_is_kept_nowhere(session: Session) -> None:
    token = make_program(session, "wallboard", real_now())
    row = session.scalars(select(Program)).one()
    assert token.encode() not in row.token_digest
    assert find_program(session, token[:-1]) is None
    assert find_program(session, "") is None


def test_a_name_is_in_force_once_and_free_again_when_revoked(session: Session) -> None:
    first = make_program(session, "wallboard", real_now())
    with pytest.raises(ProgramError, match="already"):
        make_program(session, "wallboard", real_now())
    revoke_program(session, "wallboard", real_now())
    second = make_program(session, "wallboard", real_now())
    assert find_program(session, first) is None
    assert find_program(session, second) is not None


def test_the_database_itself_refuses_two_of_a_name(session: Session) -> None:
    make_program(session, "wallboard", real_now())
    session.add(Program(name="wallboard", token_digest=b"other", made_at=real_now()))
    with pytest.raises(IntegrityError, match="ix_program_name"):
        session.flush()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x07b"])
def test_names_that_are_none(session: Session, name: str) -> None:
    with pytest.raises(ProgramError, match="1 to 60 letters"):
        make_program(session, name, real_now())


def test_revoking_what_is_not_there_says_what_is(session: Session) -> None:
    make_program(session, "wallboard", real_now())
    with pytest.raises(ProgramError, match="there are: wallboard"):
        revoke_program(session, "walboard", real_now())
