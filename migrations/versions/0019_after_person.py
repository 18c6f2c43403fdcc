"""After whom a page begins: a technician who was rung in vain just before is not the first of it"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("page", sa.Column("after_person_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_page_after_person_id"), "page", "person", ["after_person_id"], ["id"], ondelete="RESTRICT"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_page_after_person_id"), "page")
    op.drop_column("page", "after_person_id")
