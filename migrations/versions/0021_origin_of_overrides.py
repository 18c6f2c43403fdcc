"""From which calendar and event an override was imported, so that the next import knows its own"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


# After a downgrade: the newest step that left a row as it stands says where it came from.
AS_HISTORY_KNOWS = """
    UPDATE roster_override AS standing SET origin = known.origin
    FROM (
        SELECT DISTINCT ON (id) id, origin, person_id, kind, span
        FROM (
            SELECT change.id AS at, step.place,
                   CAST(step.told -> 'after' ->> 'id' AS int) AS id,
                   CAST(step.told -> 'after' ->> 'person_id' AS int) AS person_id,
                   step.told -> 'after' ->> 'kind' AS kind,
                   tstzrange(CAST(step.told -> 'after' -> 'span' ->> 0 AS timestamptz),
                             CAST(step.told -> 'after' -> 'span' ->> 1 AS timestamptz)) AS span,
                   step.told -> 'after' -> 'origin' AS origin
            FROM roster_change AS change, jsonb_array_elements(change.steps) WITH ORDINALITY AS step (told, place)
            WHERE NOT change.undone AND change.steps @> '[{"table": "roster_override", "after": {"origin": {}}}]'
              AND step.told ->> 'table' = 'roster_override'
              AND jsonb_typeof(step.told -> 'after' -> 'origin') = 'object'
        ) AS told
        ORDER BY id, at DESC, place DESC
    ) AS known
    WHERE known.id = standing.id AND known.person_id IS NOT DISTINCT FROM standing.person_id
      AND known.kind = standing.kind AND known.span = standing.span
"""


def upgrade() -> None:
    op.add_column("roster_override", sa.Column("origin", JSONB(), nullable=True))
    op.execute(AS_HISTORY_KNOWS)


def downgrade() -> None:
    op.drop_column("roster_override", "origin")
