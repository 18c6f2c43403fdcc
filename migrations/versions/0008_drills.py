"""Drills: test calls and test texts before a shift"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
PURPOSES = "purpose IN ('hotline', 'page', 'connect', 'callback'{more})"
HAS_TICKET = "direction = 'in' OR ticket_id IS NOT NULL OR purpose {which}"


def upgrade() -> None:
    _constraints(PURPOSES.format(more=", 'drill'"), HAS_TICKET.format(which="IN ('hotline', 'drill')"))
    op.create_table(
        "drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roster_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("shift_at", INSTANT, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("made_by", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("try_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("last_result", sa.String(), nullable=True),
        sa.Column("call_result", sa.String(), nullable=True),
        sa.Column("call_error", sa.String(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("text_id", sa.Integer(), nullable=True),
        sa.Column("text_result", sa.String(), nullable=True),
        sa.Column("text_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "call_result IN ('confirmed', 'no key', 'no answer', 'busy', 'failed', 'not rung', 'not needed')",
            name=op.f("ck_drill_call_result"),
        ),
        sa.CheckConstraint("text_result IN ('delivered', 'answered', 'failed')", name=op.f("ck_drill_text_result")),
        sa.CheckConstraint("(call_result IS NULL) = (ended_at IS NULL)", name=op.f("ck_drill_ended")),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_drill_roster_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_drill_person_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["call_id"], ["phone_call.id"], name=op.f("fk_drill_call_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["text_id"], ["message.id"], name=op.f("fk_drill_text_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_drill_person_id_day")),
        sa.UniqueConstraint("text_id", name=op.f("uq_drill_text_id")),
    )
    op.create_index(
        "uq_drill_open_person", "drill", ["person_id"], unique=True, postgresql_where=sa.text("call_result IS NULL")
    )
    op.create_index("ix_drill_roster_id", "drill", ["roster_id", "id"])
    op.create_index("ix_drill_call_id", "drill", ["call_id"])


def downgrade() -> None:
    """Test calls are of no use to a release that knows none, and would break its rules: they go."""
    op.drop_table("drill")
    # In some a page was told, or a caller was spoken with: those are calls of that page's ticket.
    for told in (
        "SELECT DISTINCT ON (call_id) call_id, ticket_id FROM page_attempt"
        " JOIN page ON page.id = page_attempt.page_id ORDER BY call_id, page_attempt.id",
        "SELECT DISTINCT ON (call_id) call_id, ticket_id FROM stay"
        " JOIN room ON room.id = stay.room_id ORDER BY call_id, stay.id",
    ):
        op.execute(
            f"UPDATE phone_call SET purpose = 'page', ticket_id = told.ticket_id FROM ({told}) AS told"
            " WHERE phone_call.purpose = 'drill' AND phone_call.id = told.call_id"
        )
    op.execute("DELETE FROM phone_call WHERE purpose = 'drill'")
    _constraints(PURPOSES.format(more=""), HAS_TICKET.format(which="= 'hotline'"))


def _constraints(purpose: str, has_ticket: str) -> None:
    op.drop_constraint(op.f("ck_phone_call_purpose"), "phone_call")
    op.drop_constraint(op.f("ck_phone_call_out_has_ticket"), "phone_call")
    op.create_check_constraint(op.f("ck_phone_call_purpose"), "phone_call", purpose)
    op.create_check_constraint(op.f("ck_phone_call_out_has_ticket"), "phone_call", has_ticket)
