"""Tickets wait for somebody, are split and merged"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

WAITS_FOR = "waits_for IN ('customer', 'third party')"
MOVES = "open>taken open>closed taken>closed"


def upgrade() -> None:
    op.add_column("ticket", sa.Column("waits_for", sa.String()))
    for column in ("split_from_id", "merged_into_id"):
        op.add_column("ticket", sa.Column(column, sa.Integer()))
        op.create_foreign_key(f"fk_ticket_{column}_ticket", "ticket", "ticket", [column], ["id"])
        op.create_index(f"ix_ticket_{column}", "ticket", [column])
    op.create_check_constraint("waits_for", "ticket", WAITS_FOR)
    op.create_check_constraint("links", "ticket", "merged_into_id <> id AND split_from_id <> id")
    op.create_table(
        "ticket_wait",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("ticket_id", sa.Integer(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.CheckConstraint(WAITS_FOR, name="waits_for"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="order"),
    )
    op.create_index("ix_ticket_wait_ticket_id", "ticket_wait", ["ticket_id"])
    op.create_index(
        "uq_ticket_wait_open", "ticket_wait", ["ticket_id"], unique=True, postgresql_where="until IS NULL"
    )
    op.add_column("intervention", sa.Column("corrected_at", sa.DateTime(timezone=True)))
    _let_move(f"{MOVES} closed>open closed>taken")


def downgrade() -> None:
    _let_move(MOVES)
    op.drop_column("intervention", "corrected_at")
    op.drop_table("ticket_wait")
    for column in ("waits_for", "split_from_id", "merged_into_id"):
        op.drop_column("ticket", column)


def _let_move(moves: str) -> None:
    """The moves of a ticket's state that the database allows."""
    op.execute("DROP TRIGGER moves ON ticket")
    op.execute(
        "CREATE TRIGGER moves BEFORE UPDATE ON ticket FOR EACH ROW WHEN (OLD.state <> NEW.state)"
        f" EXECUTE FUNCTION nightline_refuse_move('{moves}')"
    )
