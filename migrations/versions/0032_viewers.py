"""Views of the list of tickets that somebody has saved, and the clock on which somebody reads times"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", JSONB(), nullable=False),
        sa.UniqueConstraint("account_id", "name"),
    )
    op.add_column("account", sa.Column("time_zone", sa.String()))


def downgrade() -> None:
    op.drop_column("account", "time_zone")
    op.drop_table("saved_view")
