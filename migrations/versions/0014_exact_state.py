"""Pages, attempts, calls, texts and tickets only make the moves that exist; each move of a page is kept; the watchdog"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

# Table, and every move of its `state` that exists.
MOVES = {
    "page": "paging>accepted paging>stopped",
    "phone_call": "queued>sending queued>placed queued>ringing queued>answered queued>ended sending>queued sending>placed"
    " sending>ringing sending>answered sending>ended placed>ringing placed>answered placed>ended ringing>answered"
    " ringing>ended answered>ended",
    "message": "queued>sending queued>accepted queued>sent queued>delivered queued>undelivered queued>failed sending>queued"
    " sending>accepted sending>sent sending>delivered sending>undelivered sending>failed accepted>sent accepted>delivered"
    " accepted>undelivered accepted>failed sent>delivered sent>undelivered sent>failed undelivered>failed"
    # A text that another one to the same person tells along with its own.
    " queued>merged",
    "ticket": "open>taken open>closed taken>closed",
}
FUNCTIONS = (
    """
CREATE FUNCTION nightline_refuse_move() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF (OLD.state || '>' || NEW.state) <> ALL (string_to_array(TG_ARGV[0], ' ')) THEN
        RAISE EXCEPTION '% % can not go from % to %', TG_TABLE_NAME, OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_moves', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE FUNCTION nightline_refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION '% % is decided and stays as it is', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_decided', TABLE = TG_TABLE_NAME;
END $$
""",
    # By whoever took the page, which is decided first in the same transaction.
    """
CREATE FUNCTION nightline_attempt_accepted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM page WHERE id = NEW.page_id AND accepted_by_id = NEW.person_id) THEN
        RAISE EXCEPTION 'page % was not accepted by person %', NEW.page_id, NEW.person_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'page_attempt_accepted', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$
""",
    # Looked at when the transaction ends: until then the page may be ahead of its attempts.
    """
CREATE FUNCTION nightline_no_open_attempt() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    of_page integer := CASE TG_TABLE_NAME WHEN 'page' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'page_id' END;
BEGIN
    IF EXISTS (SELECT FROM page JOIN page_attempt ON page_attempt.page_id = page.id
               WHERE page.id = of_page AND page.state <> 'paging' AND page_attempt.outcome IS NULL) THEN
        RAISE EXCEPTION 'page % is over, and somebody is still tried for it', of_page
            USING ERRCODE = 'check_violation', CONSTRAINT = 'page_attempt_of_open_page', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION nightline_nobody_waits() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM phone_call WHERE id = NEW.id AND state = 'ended' AND waiting) THEN
        RAISE EXCEPTION 'phone_call % is over, and somebody still waits in it', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'phone_call_waiting', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
""",
    # Real time: the gateway's may be pretended, and the page has it where it matters.
    """
CREATE FUNCTION nightline_page_moved() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO page_move (page_id, at, from_state, to_state, round, person_id, why)
    VALUES (NEW.id, clock_timestamp(), CASE TG_OP WHEN 'UPDATE' THEN OLD.state END, NEW.state, NEW.round,
        NEW.accepted_by_id,
        CASE WHEN NEW.state = 'accepted' THEN coalesce(NEW.accepted_via, '')
             WHEN NEW.state = 'stopped' THEN coalesce(NEW.stopped_why, '')
             WHEN TG_OP = 'INSERT' OR OLD.cause <> NEW.cause THEN NEW.cause
             ELSE 'nobody accepted' END);
    RETURN NULL;
END $$
""",
)
TRIGGERS = (
    *(
        f"CREATE TRIGGER moves BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.state <> NEW.state)"
        f" EXECUTE FUNCTION nightline_refuse_move('{moves}')"
        for table, moves in MOVES.items()
    ),
    "CREATE TRIGGER decided BEFORE UPDATE ON page FOR EACH ROW WHEN (OLD.state = 'accepted' AND"
    " (OLD.accepted_by_id, OLD.accepted_at) IS DISTINCT FROM (NEW.accepted_by_id, NEW.accepted_at))"
    " EXECUTE FUNCTION nightline_refuse_change()",
    "CREATE TRIGGER decided BEFORE UPDATE ON page_attempt FOR EACH ROW WHEN (OLD.outcome IS NOT NULL AND"
    " (OLD.outcome, OLD.ended_at) IS DISTINCT FROM (NEW.outcome, NEW.ended_at))"
    " EXECUTE FUNCTION nightline_refuse_change()",
    "CREATE TRIGGER accepted BEFORE INSERT OR UPDATE ON page_attempt FOR EACH ROW WHEN (NEW.outcome = 'accepted')"
    " EXECUTE FUNCTION nightline_attempt_accepted()",
    "CREATE CONSTRAINT TRIGGER of_open_page AFTER INSERT ON page_attempt DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    " WHEN (NEW.outcome IS NULL) EXECUTE FUNCTION nightline_no_open_attempt()",
    "CREATE CONSTRAINT TRIGGER over AFTER UPDATE ON page DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    " WHEN (OLD.state = 'paging' AND NEW.state <> 'paging') EXECUTE FUNCTION nightline_no_open_attempt()",
    "CREATE CONSTRAINT TRIGGER waits AFTER INSERT OR UPDATE ON phone_call DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    " WHEN (NEW.waiting AND NEW.state = 'ended') EXECUTE FUNCTION nightline_nobody_waits()",
    "CREATE TRIGGER begun AFTER INSERT ON page FOR EACH ROW EXECUTE FUNCTION nightline_page_moved()",
    "CREATE TRIGGER moved AFTER UPDATE ON page FOR EACH ROW WHEN ((OLD.state, OLD.round, OLD.cause) IS DISTINCT FROM"
    " (NEW.state, NEW.round, NEW.cause)) EXECUTE FUNCTION nightline_page_moved()",
)
# What earlier releases may have left behind, brought to what it must have been.
REPAIRS = (
    "UPDATE phone_call SET ended_at = NULL WHERE state <> 'ended' AND ended_at IS NOT NULL",
    "UPDATE phone_call SET ended_at = coalesce(answered_at, created_at) WHERE state = 'ended' AND ended_at IS NULL",
    "UPDATE phone_call SET waiting = false WHERE state = 'ended' AND waiting",
    # The network never named it, so nobody can ring or end it.
    "UPDATE phone_call SET state = 'ended', ended_at = coalesce(answered_at, created_at), result = 'failed',"
    " waiting = false WHERE direction = 'out' AND state IN ('placed', 'ringing', 'answered') AND sid IS NULL",
    "UPDATE page_attempt SET outcome = 'cut off', ended_at = coalesce(page.accepted_at, page_attempt.started_at)"
    " FROM page WHERE page.id = page_attempt.page_id AND page.state <> 'paging' AND page_attempt.outcome IS NULL",
    "UPDATE page_attempt SET outcome = 'no answer', ended_at = started_at WHERE outcome IS NULL AND EXISTS ("
    "SELECT FROM page_attempt later WHERE later.page_id = page_attempt.page_id AND later.outcome IS NULL"
    " AND later.person_id = page_attempt.person_id AND later.id > page_attempt.id)",
    "UPDATE page_attempt SET outcome = 'cut off' FROM page WHERE page.id = page_attempt.page_id"
    " AND page_attempt.outcome = 'accepted' AND page.accepted_by_id IS DISTINCT FROM page_attempt.person_id",
    "UPDATE page_attempt SET outcome = 'cut off' WHERE outcome = 'accepted' AND EXISTS (SELECT FROM page_attempt later"
    " WHERE later.page_id = page_attempt.page_id AND later.outcome = 'accepted' AND later.id > page_attempt.id)",
    "UPDATE page SET round = 1 WHERE round < 1",
    "UPDATE page SET accepted_at = NULL, accepted_by_id = NULL, accepted_via = NULL WHERE state <> 'accepted'"
    " AND num_nonnulls(accepted_at, accepted_by_id, accepted_via) > 0",
)
# What is known of the moves of pages that are there already: the rounds between are told by their attempts.
MOVES_SO_FAR = """
INSERT INTO page_move (page_id, at, from_state, to_state, round, person_id, why)
SELECT id, opened_at, NULL, 'paging', 1, NULL::integer, cause FROM page
UNION ALL SELECT id, accepted_at, 'paging', state, round, accepted_by_id, coalesce(accepted_via, '')
FROM page WHERE state = 'accepted' ORDER BY 2
"""
CHECKS = (
    ("phone_call", "ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
    ("phone_call", "known", "direction = 'in' OR sid IS NOT NULL OR state IN ('queued', 'sending', 'ended')"),
    ("page", "round", "round >= 1"),
    ("page", "taken", "state = 'accepted' OR num_nonnulls(accepted_at, accepted_by_id, accepted_via) = 0"),
)


def upgrade() -> None:
    for repair in REPAIRS:
        op.execute(repair)
    for table, name, rule in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    op.add_column("page", sa.Column("stopped_why", sa.String(), nullable=True))
    _indexes()
    _tables()
    op.execute(MOVES_SO_FAR)
    for statement in (*FUNCTIONS, *TRIGGERS):
        op.execute(statement)


def _indexes() -> None:
    op.create_index(
        "uq_page_attempt_open",
        "page_attempt",
        ["page_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index(
        "uq_page_attempt_accepted",
        "page_attempt",
        ["page_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'accepted'"),
    )
    op.create_index("ix_phone_call_live", "phone_call", ["created_at"], postgresql_where=sa.text("state <> 'ended'"))
    op.create_index(
        "ix_phone_call_results", "phone_call", ["state", "result", "tries"], postgresql_where=sa.text("direction = 'out'")
    )
    op.create_index("ix_message_results", "message", ["channel", "state", "tries"])


def _tables() -> None:
    op.create_table(
        "page_move",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_page_move_page_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_page_move_person_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_move")),
    )
    op.create_index(op.f("ix_page_move_page_id"), "page_move", ["page_id"])
    op.create_table(
        "trouble",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("pages", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('pages', 'workers')", name=op.f("ck_trouble_kind")),
        sa.CheckConstraint("(times = 0) = (told_at IS NULL)", name=op.f("ck_trouble_told")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trouble")),
    )
    op.create_index("uq_trouble_open_kind", "trouble", ["kind"], unique=True, postgresql_where=sa.text("ended_at IS NULL"))


def downgrade() -> None:
    for table in ("page", "phone_call", "message", "ticket"):
        op.execute(f"DROP TRIGGER moves ON {table}")
    for name, table in (
        ("decided", "page"),
        ("over", "page"),
        ("begun", "page"),
        ("moved", "page"),
        ("decided", "page_attempt"),
        ("accepted", "page_attempt"),
        ("of_open_page", "page_attempt"),
        ("waits", "phone_call"),
    ):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for function in (
        "refuse_move",
        "refuse_change",
        "attempt_accepted",
        "no_open_attempt",
        "nobody_waits",
        "page_moved",
    ):
        op.execute(f"DROP FUNCTION nightline_{function}()")
    op.drop_table("trouble")
    op.drop_table("page_move")
    for table, index in (
        ("message", "ix_message_results"),
        ("phone_call", "ix_phone_call_results"),
        ("phone_call", "ix_phone_call_live"),
        ("page_attempt", "uq_page_attempt_accepted"),
        ("page_attempt", "uq_page_attempt_open"),
    ):
        op.drop_index(index, table)
    op.drop_column("page", "stopped_why")
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
