"""Drafts of rosters, and their history"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "roster_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roster_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("base", postgresql.JSONB(), nullable=False),
        sa.Column("base_at", INSTANT, nullable=False),
        sa.Column("base_change", sa.Integer(), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'in force', 'discarded')", name=op.f("ck_roster_draft_state")),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_roster_draft_closed")),
        sa.CheckConstraint("(closed_by IS NULL) = (closed_at IS NULL)", name=op.f("ck_roster_draft_closed_by")),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["roster.id"], name=op.f("fk_roster_draft_roster_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["roster_change.id"], name=op.f("fk_roster_draft_change_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_draft")),
    )
    op.create_index(
        "ix_roster_draft_name",
        "roster_draft",
        ["roster_id", "name"],
        unique=True,
        postgresql_where=sa.text("state <> 'discarded'"),
    )
    op.create_index("ix_roster_draft_change_id", "roster_draft", ["change_id"])
    op.create_table(
        "roster_draft_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("undone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["roster_draft.id"], name=op.f("fk_roster_draft_step_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_draft_step")),
    )
    op.create_index("ix_roster_draft_step_draft_id", "roster_draft_step", ["draft_id", "id"])


def downgrade() -> None:
    for table in ("roster_draft_step", "roster_draft"):
        op.drop_table(table)
