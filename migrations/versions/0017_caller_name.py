"""Callers without a telephone number: what their address calls them stands on the ticket"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("caller_name", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("ticket", "caller_name")
