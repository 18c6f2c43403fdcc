"""Which worker claims a call or text, and which workers hold a lock while they live"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_lock",
        sa.Column("worker_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_worker_lock")),
    )
    op.add_column("phone_call", sa.Column("claimed_by", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("claimed_by", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_phone_call_unsent", "phone_call", ["created_at"], postgresql_where="state IN ('queued', 'sending')"
    )


def downgrade() -> None:
    op.drop_index("ix_phone_call_unsent", table_name="phone_call")
    op.drop_column("message", "claimed_by")
    op.drop_column("phone_call", "claimed_by")
    op.drop_table("worker_lock")
