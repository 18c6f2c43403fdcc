"""Which days make up a turn of a rotation; and the whole shifts that an agreed swap was made for"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSTZRANGE

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roster_rotation", sa.Column("count", sa.String(), server_default=sa.text("'all'"), nullable=False))
    op.create_check_constraint(op.f("ck_roster_rotation_count"), "roster_rotation", "count IN ('all', 'active')")
    op.add_column("roster_swap", sa.Column("shift", TSTZRANGE(), nullable=True))
    op.add_column("roster_swap", sa.Column("return_shift", TSTZRANGE(), nullable=True))


def downgrade() -> None:
    op.drop_column("roster_swap", "return_shift")
    op.drop_column("roster_swap", "shift")
    op.drop_constraint(op.f("ck_roster_rotation_count"), "roster_rotation")
    op.drop_column("roster_rotation", "count")
