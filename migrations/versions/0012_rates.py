"""Rates of sending, the order of what is queued, one text for more pages"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATES = "'queued', 'sending', 'accepted', 'sent', 'delivered', 'undelivered', 'failed'"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "send_rate",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("paused_until", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('call', 'text')", name=op.f("ck_send_rate_kind")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_send_rate")),
    )
    for table in ("phone_call", "message", "page_attempt"):
        # Processes of the release before write rows without it while both run.
        op.add_column(table, sa.Column("rank", sa.SmallInteger(), nullable=False, server_default="3"))
    for table in ("phone_call", "message"):
        op.add_column(table, sa.Column("not_before", INSTANT, nullable=True))
    op.add_column("phone_call", sa.Column("ringing_from", INSTANT, nullable=True))
    op.add_column("message", sa.Column("page_id", sa.Integer(), nullable=True))
    op.add_column("message", sa.Column("carrier_id", sa.Integer(), nullable=True))
    _constrain()
    op.execute(
        "UPDATE page_attempt SET rank = right(ticket.priority, 1)::int FROM page, ticket"
        " WHERE page_attempt.outcome IS NULL AND page.id = page_attempt.page_id AND ticket.id = page.ticket_id"
        " AND ticket.priority IN ('P1', 'P2')"
    )


def _constrain() -> None:
    op.create_foreign_key(op.f("fk_message_page_id"), "message", "page", ["page_id"], ["id"], ondelete="CASCADE")
    op.create_foreign_key(
        op.f("fk_message_carrier_id"), "message", "message", ["carrier_id"], ["id"], ondelete="SET NULL"
    )
    op.drop_constraint(op.f("ck_message_state"), "message")
    op.create_check_constraint(op.f("ck_message_state"), "message", f"state IN ({STATES}, 'merged')")
    unsent = sa.text("state IN ('queued', 'sending')")
    text = sa.text("state = 'queued' AND channel = 'text'")
    op.create_index("ix_message_queued_text", "message", ["rank", "created_at", "id"], postgresql_where=text)
    page = sa.text("state = 'queued' AND page_id IS NOT NULL")
    op.create_index("ix_message_queued_page", "message", ["person_id"], postgresql_where=page)
    paged = sa.text("page_id IS NOT NULL")
    op.create_index("ix_message_pages_of_person", "message", ["person_id", "id"], postgresql_where=paged)
    op.create_index("ix_message_page_id", "message", ["page_id"], postgresql_where=paged)
    carried = sa.text("carrier_id IS NOT NULL")
    op.create_index("ix_message_carrier_id", "message", ["carrier_id"], postgresql_where=carried)
    op.drop_index("ix_page_attempt_open_call", "page_attempt")
    open_ = sa.text("outcome IS NULL")
    op.create_index("ix_page_attempt_open_call", "page_attempt", ["call_id", "rank"], postgresql_where=open_)


def downgrade() -> None:
    op.drop_index("ix_page_attempt_open_call", "page_attempt")
    op.drop_column("page_attempt", "rank")
    open_ = sa.text("outcome IS NULL")
    op.create_index("ix_page_attempt_open_call", "page_attempt", ["call_id"], postgresql_where=open_)
    # What another text has told must not go out again.
    op.execute("DELETE FROM message WHERE state = 'merged'")
    op.drop_index("ix_message_queued_text", "message")  # the others go with their columns
    op.drop_index("ix_message_queued_page", "message")
    op.drop_index("ix_message_pages_of_person", "message")
    op.drop_constraint(op.f("ck_message_state"), "message")
    op.create_check_constraint(op.f("ck_message_state"), "message", f"state IN ({STATES})")
    for column in ("carrier_id", "page_id", "not_before", "rank"):
        op.drop_column("message", column)
    for column in ("ringing_from", "not_before", "rank"):
        op.drop_column("phone_call", column)
    op.drop_table("send_rate")
