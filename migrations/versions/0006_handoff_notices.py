"""Notices of handoffs"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "handoff_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roster_id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=True),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("comes", sa.Boolean(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("silence_told_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_handoff_notice_person_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["roster.id"], name=op.f("fk_handoff_notice_roster_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["layer_id"], ["roster_layer.id"], name=op.f("fk_handoff_notice_layer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_notice")),
        sa.UniqueConstraint(
            "layer_id",
            "at",
            "person_id",
            "comes",
            name=op.f("uq_handoff_notice_layer_id_at_person_id_comes"),
        ),
    )
    op.create_index("ix_handoff_notice_at", "handoff_notice", ["at"])
    op.create_index("ix_handoff_notice_person_id", "handoff_notice", ["person_id"])


def downgrade() -> None:
    op.drop_table("handoff_notice")
