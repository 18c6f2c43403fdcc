"""Which days make up a turn of a rotation; and the whole shifts that an agreed swap was made for"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSTZRANGE

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roster_rotation", sa.Column("count", sa.String(), server_default=sa.text("'all'"), nullable=False))
    op.create_check_constraint(op.f("ck_roster_rotation_count"), "roster_rotation", "count IN ('all', 'active')")
    op.add_column("roster_swap", sa.Column("shift", TSTZRANGE(), nullable=True))
    op.add_column("roster_swap", sa.Column("return_shift", TSTZRANGE(), nullable=True))


# By any other count the release before would ring other people, and say nothing of it.
_COUNTED = """
    SELECT roster.name || ', layer ' || layer.name
    FROM roster_rotation rotation JOIN roster_layer layer ON layer.id = rotation.layer_id
    JOIN roster ON roster.id = layer.roster_id
    WHERE rotation.count <> 'all'
    UNION
    SELECT roster.name || ', draft ' || draft.name
    FROM roster_draft draft JOIN roster ON roster.id = draft.roster_id
    WHERE draft.state = 'open' AND jsonb_path_exists(draft.plan, '$.layers[*].rotations[*] ? (@.count == "active")')
    ORDER BY 1
"""


def downgrade() -> None:
    op.execute("LOCK TABLE roster_rotation, roster_draft IN SHARE ROW EXCLUSIVE MODE")  # nobody adds one meanwhile
    counted = [str(name) for (name,) in op.get_bind().execute(sa.text(_COUNTED))]
    if counted:
        raise RuntimeError(
            "Nothing was changed. The release before does not know rotations that count only the days on duty: it "
            f"would ring other people. These do: {'; '.join(counted)}. Let them count all days first (Layers, or "
            "without count: active in the directory file) and look who is on call, or discard the drafts; then try again."
        )
    op.drop_column("roster_swap", "return_shift")
    op.drop_column("roster_swap", "shift")
    op.drop_constraint(op.f("ck_roster_rotation_count"), "roster_rotation")
    op.drop_column("roster_rotation", "count")
