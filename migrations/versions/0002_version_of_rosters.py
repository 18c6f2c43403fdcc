"""A version of all rosters that changes with each of them, whoever changes it"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("roster", "roster_layer", "roster_rotation", "roster_turn", "roster_override")

FUNCTION = """
CREATE FUNCTION nightline_rosters_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO setting (name, value) VALUES ('rosters_version', to_jsonb(gen_random_uuid()::text))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER rosters_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION nightline_rosters_changed()"
        )
    op.execute("INSERT INTO setting (name, value) VALUES ('rosters_version', to_jsonb(gen_random_uuid()::text))")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TRIGGER rosters_changed ON {table}")
    op.execute("DROP FUNCTION nightline_rosters_changed()")
    op.execute("DELETE FROM setting WHERE name = 'rosters_version'")
