"""Time off, swaps, overrides that add somebody, and the history of rosters"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    _time_off()
    _swaps()
    _history()
    _overrides()


def _time_off() -> None:
    op.create_table(
        "time_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("span", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("note", sa.String(), server_default=NOTHING, nullable=False),
        sa.Column("made_by", sa.String(), server_default=NOTHING, nullable=False),
        sa.Column("made_at", NOW, nullable=False),
        sa.CheckConstraint("NOT isempty(span)", name=op.f("ck_time_off_span")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_time_off_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
        postgresql.ExcludeConstraint(
            (sa.text("int4range(person_id, person_id, '[]')"), "&&"), ("span", "&&"), name="ex_time_off_overlap"
        ),
    )
    op.create_index("ix_time_off_person_id", "time_off", ["person_id"])
    op.execute(
        "CREATE TRIGGER rosters_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON time_off"
        " FOR EACH STATEMENT EXECUTE FUNCTION nightline_rosters_changed()"
    )


def _swaps() -> None:
    op.create_table(
        "roster_swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("span", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("return_layer_id", sa.Integer(), nullable=True),
        sa.Column("return_span", postgresql.TSTZRANGE(), nullable=True),
        sa.Column("note", sa.String(), server_default=NOTHING, nullable=False),
        sa.Column("proposed_at", NOW, nullable=False),
        sa.Column("answered_at", NOW, nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'refused', 'cancelled')", name=op.f("ck_roster_swap_state")
        ),
        sa.CheckConstraint("asker_id <> other_id", name=op.f("ck_roster_swap_two_people")),
        sa.CheckConstraint("NOT isempty(span)", name=op.f("ck_roster_swap_span")),
        sa.CheckConstraint("(return_layer_id IS NULL) = (return_span IS NULL)", name=op.f("ck_roster_swap_return")),
        sa.CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name=op.f("ck_roster_swap_answered")),
        *(
            sa.ForeignKeyConstraint(
                [column], ["person.id"], name=op.f(f"fk_roster_swap_{column}"), ondelete="RESTRICT"
            )
            for column in ("asker_id", "other_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["roster_layer.id"], name=op.f(f"fk_roster_swap_{column}"), ondelete="CASCADE"
            )
            for column in ("layer_id", "return_layer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_swap")),
    )
    for column in ("asker_id", "other_id", "layer_id", "return_layer_id"):
        op.create_index(f"ix_roster_swap_{column}", "roster_swap", [column])


def _history() -> None:
    op.create_table(
        "roster_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roster_id", sa.Integer(), nullable=True),
        sa.Column("at", NOW, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("undone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["roster.id"], name=op.f("fk_roster_change_roster_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_change")),
    )
    op.create_index("ix_roster_change_roster_id", "roster_change", ["roster_id", "id"])


def _overrides() -> None:
    op.add_column(
        "roster_override", sa.Column("kind", sa.String(), server_default=sa.text("'replace'"), nullable=False)
    )
    op.add_column("roster_override", sa.Column("made_by", sa.String(), server_default=NOTHING, nullable=False))
    op.add_column("roster_override", sa.Column("made_at", NOW, nullable=True))
    op.add_column("roster_override", sa.Column("swap_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_roster_override_swap_id"), "roster_override", "roster_swap", ["swap_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_roster_override_swap_id", "roster_override", ["swap_id"])
    op.create_check_constraint(op.f("ck_roster_override_kind"), "roster_override", "kind IN ('replace', 'add')")
    op.create_check_constraint(
        op.f("ck_roster_override_somebody_added"), "roster_override", "kind = 'replace' OR person_id IS NOT NULL"
    )


def downgrade() -> None:
    # What only the newer schema can say would be said wrongly by the older one: who is added would replace.
    op.execute("DELETE FROM roster_override WHERE kind = 'add'")
    op.drop_constraint(op.f("ck_roster_override_somebody_added"), "roster_override")
    op.drop_constraint(op.f("ck_roster_override_kind"), "roster_override")
    for column in ("swap_id", "made_at", "made_by", "kind"):
        op.drop_column("roster_override", column)
    for table in ("roster_change", "roster_swap", "time_off"):
        op.drop_table(table)
