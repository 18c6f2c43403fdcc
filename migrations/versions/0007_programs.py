"""Tokens of programs, and notices of what programs are told: rosters, people, tokens"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

# As in the migrations before, and told to whoever listens as soon as the change is committed.
ROSTERS = """
CREATE OR REPLACE FUNCTION nightline_rosters_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO setting (name, value) VALUES ('rosters_version', to_jsonb(gen_random_uuid()::text))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    PERFORM pg_notify('nightline_changes', 'rosters');
    RETURN NULL;
END $$
"""
ROSTERS_BEFORE = """
CREATE OR REPLACE FUNCTION nightline_rosters_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO setting (name, value) VALUES ('rosters_version', to_jsonb(gen_random_uuid()::text))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END $$
"""
PROGRAMS = """
CREATE FUNCTION nightline_programs_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO setting (name, value) VALUES ('programs_version', to_jsonb(gen_random_uuid()::text))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    PERFORM pg_notify('nightline_changes', 'programs');
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "program",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_program_token_digest")),
    )
    op.create_index(
        "ix_program_name", "program", ["name"], unique=True, postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.execute(ROSTERS)
    op.execute(PROGRAMS)
    _watch("person", "rosters")
    _watch("program", "programs")


def _watch(table: str, what: str) -> None:
    op.execute(
        f"CREATE TRIGGER {what}_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION nightline_{what}_changed()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER rosters_changed ON person")
    op.drop_table("program")
    op.execute("DROP FUNCTION nightline_programs_changed()")
    op.execute(ROSTERS_BEFORE)
    op.execute("DELETE FROM setting WHERE name = 'programs_version'")
