"""Links in texts open their ticket, once"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ticket_pass",
        sa.Column("link", sa.LargeBinary(), primary_key=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", ondelete="RESTRICT"), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
    )
    op.create_index("ix_ticket_pass_expires_at", "ticket_pass", ["expires_at"])


def downgrade() -> None:
    op.drop_table("ticket_pass")
