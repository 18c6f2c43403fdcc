"""Empty tables for the next run: rows are deleted, as a new file for each table and index costs far more."""

from collections.abc import Iterable
from typing import Final

# Whoever is writing is waited for first. Foreign keys and triggers are of no use where everything goes; but those of
# the last three statements, which change nothing, tell processes to read rosters, customers and programs anew.
_EMPTY: Final = """
DO $$
DECLARE
    each regclass;
    found regclass[] := ARRAY(
        SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> ALL (ARRAY[{kept}]));
BEGIN
    IF current_setting('is_superuser') = 'on' THEN
        EXECUTE 'LOCK TABLE ' || array_to_string(found, ', ') || ' IN SHARE ROW EXCLUSIVE MODE';
        SET LOCAL session_replication_role = replica;
        FOREACH each IN ARRAY found LOOP
            EXECUTE format('DELETE FROM %s', each);
        END LOOP;
        SET LOCAL session_replication_role = origin;
        DELETE FROM roster WHERE false;
        DELETE FROM customer WHERE false;
        DELETE FROM program WHERE false;
    ELSE
        EXECUTE 'TRUNCATE ' || array_to_string(found, ', ') || ' CASCADE';
    END IF;
END $$;
"""


def empty_all_but(kept: Iterable[str]) -> str:
    """The statement that empties every table of the schema `public` but these."""
    return _EMPTY.format(kept=", ".join(f"'{name}'" for name in kept))
