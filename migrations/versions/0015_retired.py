"""People and customers who have left; the watchdog tells of rosters that can't be worked out"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("person", "customer"):
        op.add_column(table, sa.Column("retired_at", INSTANT, nullable=True))
    # A phone of the company is passed on: one who has left may have the same as somebody who has come.
    op.drop_constraint(op.f("uq_person_phone"), "person")
    active = sa.text("retired_at IS NULL")
    op.create_index("uq_person_phone_active", "person", ["phone"], unique=True, postgresql_where=active)
    op.drop_constraint(op.f("ck_trouble_kind"), "trouble")
    op.create_check_constraint(op.f("ck_trouble_kind"), "trouble", "kind IN ('pages', 'workers', 'rosters')")


def downgrade() -> None:
    op.execute("DELETE FROM trouble WHERE kind = 'rosters'")
    op.drop_constraint(op.f("ck_trouble_kind"), "trouble")
    op.create_check_constraint(op.f("ck_trouble_kind"), "trouble", "kind IN ('pages', 'workers')")
    # Whoever has left must not keep the phone of somebody else.
    op.execute(
        "UPDATE person SET phone = 'retired ' || id WHERE retired_at IS NOT NULL AND EXISTS"
        " (SELECT FROM person other WHERE other.phone = person.phone AND other.id <> person.id)"
    )
    op.drop_index("uq_person_phone_active", "person")
    op.create_unique_constraint(op.f("uq_person_phone"), "person", ["phone"])
    for table in ("person", "customer"):
        op.drop_column(table, "retired_at")
