"""Facts from the journal, each once; notices of changes of the directory, for the snapshot on disk"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DIRECTORY = """
CREATE FUNCTION nightline_directory_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO setting (name, value) VALUES ('directory_version', to_jsonb(gen_random_uuid()::text))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    PERFORM pg_notify('nightline_changes', 'directory');
    RETURN NULL;
END $$
"""
TABLES = ("customer", "customer_phone", "contract", "product", "pin", "region", "blocked_number")


def upgrade() -> None:
    op.create_table(
        "journal_fact",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_journal_fact")),
    )
    op.execute(DIRECTORY)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION nightline_directory_changed()"
        )
    # Its own writing is a setting of another name, so it does not call itself.
    op.execute(
        "CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE ON setting FOR EACH ROW"
        " WHEN (NEW.name IN ('paging', 'clock_shift_seconds')) EXECUTE FUNCTION nightline_directory_changed()"
    )


def downgrade() -> None:
    for table in (*TABLES, "setting"):
        op.execute(f"DROP TRIGGER directory_changed ON {table}")
    op.execute("DROP FUNCTION nightline_directory_changed()")
    op.execute("DELETE FROM setting WHERE name = 'directory_version'")
    op.drop_table("journal_fact")
