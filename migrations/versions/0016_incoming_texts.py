"""Texts that come in: what came of each, whose they are and where they are shown; codes for handoffs and drills"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Their rows are found by person, so codes need no index there.
CODES = ("handoff_notice", "drill")
OWNERS = ("customer", "ticket")


def upgrade() -> None:
    op.add_column("incoming_text", sa.Column("outcome", sa.String(), server_default="", nullable=False))
    for owner in OWNERS:
        column = f"{owner}_id"
        op.add_column("incoming_text", sa.Column(column, sa.Integer(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_incoming_text_{column}"), "incoming_text", owner, [column], ["id"], ondelete="SET NULL"
        )
        op.create_index(op.f(f"ix_incoming_text_{column}"), "incoming_text", [column])
    op.create_index("ix_incoming_text_number", "incoming_text", ["number", "outcome", "at"])
    op.create_index("ix_incoming_text_outcome", "incoming_text", ["outcome", "at"])
    op.create_index("ix_page_code", "page", ["code"])
    for table in CODES:
        op.add_column(table, sa.Column("code", sa.String(), nullable=True))


def downgrade() -> None:
    for table in CODES:
        op.drop_column(table, "code")
    op.drop_index("ix_page_code", "page")
    op.drop_index("ix_incoming_text_outcome", "incoming_text")
    op.drop_index("ix_incoming_text_number", "incoming_text")
    for owner in OWNERS:
        column = f"{owner}_id"
        op.drop_index(op.f(f"ix_incoming_text_{column}"), "incoming_text")
        op.drop_constraint(op.f(f"fk_incoming_text_{column}"), "incoming_text")
        op.drop_column("incoming_text", column)
    op.drop_column("incoming_text", "outcome")
