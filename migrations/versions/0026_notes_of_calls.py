"""What a call's notes refer to: the ticket it is about, the known one, the attempt told last, the waiting technician"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Column, the table that it refers to, the note that has held its id so far.
NOTES = (
    ("about_ticket_id", "ticket", "ticket"),
    ("known_ticket_id", "ticket", "known"),
    ("told_attempt_id", "page_attempt", "attempt"),
    ("technician_call_id", "phone_call", "technician_call"),
)


def upgrade() -> None:
    """The notes stay where they are as well: processes of the version before go on with calls that are under way."""
    for column, table, note in NOTES:
        op.add_column("phone_call", sa.Column(column, sa.Integer(), nullable=True))
        op.execute(
            f"UPDATE phone_call SET {column} = target.id FROM {table} target"
            f" WHERE jsonb_typeof(phone_call.memo -> '{note}') = 'number'"
            f" AND target.id = (phone_call.memo ->> '{note}')::numeric"
        )
    # Once all rows are written: a table with changes whose checks are outstanding can't be altered.
    for column, table, _ in NOTES:
        # Attempts refer to calls as well: neither table could be filled before the other.
        later = {"deferrable": True, "initially": "DEFERRED"} if table == "page_attempt" else {}
        op.create_foreign_key(
            op.f(f"fk_phone_call_{column}"), "phone_call", table, [column], ["id"], ondelete="SET NULL", **later
        )


def downgrade() -> None:
    for column, _, _ in NOTES:
        op.drop_constraint(op.f(f"fk_phone_call_{column}"), "phone_call")
        op.drop_column("phone_call", column)
