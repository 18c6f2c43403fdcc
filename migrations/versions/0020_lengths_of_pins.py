"""How many digits each PIN has, for the odds of guessing one; unknown for PINs from before"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pin", sa.Column("length", sa.SmallInteger(), nullable=True))
    op.add_column("person", sa.Column("pin_length", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "pin_length")
    op.drop_column("pin", "length")
