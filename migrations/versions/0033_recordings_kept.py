"""Recordings are kept with us, sealed, with the words that the provider has written down"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recording_sound",
        sa.Column(
            "recording_id", sa.Integer(), sa.ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.add_column("recording", sa.Column("fetched_at", INSTANT))
    op.add_column("recording", sa.Column("fault", sa.String()))
    op.add_column("recording", sa.Column("transcript", sa.String()))
    op.create_index(
        "ix_recording_unfetched", "recording", ["id"], postgresql_where="fetched_at IS NULL AND fault IS NULL"
    )


def downgrade() -> None:
    op.drop_index("ix_recording_unfetched", "recording")
    op.drop_column("recording", "transcript")
    op.drop_column("recording", "fault")
    op.drop_column("recording", "fetched_at")
    op.drop_table("recording_sound")
