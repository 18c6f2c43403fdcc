"""From which calendar and event an override was imported, so that the next import knows its own"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roster_override", sa.Column("origin", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("roster_override", "origin")
