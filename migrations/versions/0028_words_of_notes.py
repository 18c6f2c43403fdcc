"""Notes of tickets are found by their words"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from core.text.folding import folded

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("ticket_event", sa.Column("search", TSVECTOR()))
    op.create_index(
        "ix_ticket_event_search", "ticket_event", ["search"], postgresql_using="gin", postgresql_where="search IS NOT NULL"
    )
    connection = op.get_bind()
    notes = sa.text("SELECT id, words FROM ticket_event WHERE kind = 'note' AND id > :after ORDER BY id LIMIT :most")
    write = sa.text("UPDATE ticket_event SET search = to_tsvector('simple', :folded) WHERE id = :id")
    after = 0
    while found := connection.execute(notes, {"after": after, "most": AT_ONCE}).all():
        connection.execute(write, [{"id": row.id, "folded": folded(row.words)} for row in found])
        after = found[-1].id


def downgrade() -> None:
    op.drop_column("ticket_event", "search")
