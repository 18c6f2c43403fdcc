"""Secret addresses that show how tonight stands"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "display",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("roster_id", sa.Integer(), sa.ForeignKey("roster.id", ondelete="CASCADE")),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("last_seen_at", INSTANT),
        sa.CheckConstraint("kind IN ('wall', 'widget')", name="kind"),
    )
    op.create_index("ix_display_roster_id", "display", ["roster_id"])


def downgrade() -> None:
    op.drop_table("display")
