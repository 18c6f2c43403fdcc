"""Calendar feeds of a layer, with a name and the time of their last reading; which events calendars have been shown"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("calendar_feed", sa.Column("layer_id", sa.Integer(), nullable=True))
    op.add_column("calendar_feed", sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False))
    for column in ("last_fetched_at", "content_at"):
        op.add_column("calendar_feed", sa.Column(column, INSTANT, nullable=True))
    op.add_column("calendar_feed", sa.Column("content_digest", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_calendar_feed_layer"), "calendar_feed", "layer_id IS NULL OR roster_id IS NOT NULL"
    )
    op.create_table(
        "calendar_event",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_calendar_event")),
    )


def downgrade() -> None:
    op.drop_table("calendar_event")
    # Without its layer, such an address would show the whole roster.
    op.execute("DELETE FROM calendar_feed WHERE layer_id IS NOT NULL")
    op.drop_constraint(op.f("ck_calendar_feed_layer"), "calendar_feed", type_="check")
    for column in ("content_digest", "content_at", "last_fetched_at", "name", "layer_id"):
        op.drop_column("calendar_feed", column)
