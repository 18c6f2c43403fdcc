"""Which days make up a turn of a rotation: all, or those on which its layer is on duty"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roster_rotation", sa.Column("count", sa.String(), server_default=sa.text("'all'"), nullable=False))
    op.create_check_constraint(op.f("ck_roster_rotation_count"), "roster_rotation", "count IN ('all', 'active')")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_roster_rotation_count"), "roster_rotation")
    op.drop_column("roster_rotation", "count")
