"""Other channels of people, attempts that went by them, results of requests to the provider, faults of contact points"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_channel_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_channel")),
        sa.UniqueConstraint("person_id", "position", name=op.f("uq_person_channel_person_id_position")),
    )
    op.create_table(
        "contact_fault",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('call', 'text', 'other')", name=op.f("ck_contact_fault_kind")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_contact_fault_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_fault")),
        sa.UniqueConstraint("person_id", "kind", "address", name=op.f("uq_contact_fault_person_id_kind_address")),
    )
    op.create_table(
        "provider_result",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('call', 'text')", name=op.f("ck_provider_result_kind")),
        sa.CheckConstraint("result IN ('sent', 'refused', 'failed')", name=op.f("ck_provider_result_result")),
        sa.PrimaryKeyConstraint("at", "kind", "result", name=op.f("pk_provider_result")),
    )
    op.create_table(
        "provider_outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_outage")),
    )
    op.create_index("uq_provider_outage_open", "provider_outage", ["open"], unique=True, postgresql_where="open")
    op.add_column("page_attempt", sa.Column("elsewhere_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("channel_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_message_channel_id"), "message", "person_channel", ["channel_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("ix_message_channel_id"), "message", ["channel_id"])
    op.drop_constraint(op.f("ck_message_channel"), "message")
    op.create_check_constraint(op.f("ck_message_channel"), "message", "channel IN ('text', 'mail', 'other')")


def downgrade() -> None:
    # A release before this one can't send them.
    op.execute("DELETE FROM message WHERE channel = 'other'")
    op.drop_constraint(op.f("ck_message_channel"), "message")
    op.create_check_constraint(op.f("ck_message_channel"), "message", "channel IN ('text', 'mail')")
    op.drop_column("message", "channel_id")
    op.drop_column("page_attempt", "elsewhere_at")
    op.drop_table("provider_outage")
    op.drop_table("provider_result")
    op.drop_table("contact_fault")
    op.drop_table("person_channel")
