"""Empty tables for the next run: rows are deleted, as a new file for each table and index costs far more."""

from collections.abc import Iterable
from typing import Final

# Foreign keys and triggers of rows are of no use where everything goes. A table comes after those that it refers to, so
# that a row which is just being written is met as well. At last, a statement on each of these two tells whoever keeps
# rosters or customers in memory.
_EMPTY: Final = """
DO $$
DECLARE
    each regclass;
    found regclass[] := ARRAY(
        SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> ALL (ARRAY[{kept}]) ORDER BY oid);
BEGIN
    IF current_setting('is_superuser') = 'on' THEN
        SET LOCAL session_replication_role = replica;
        FOREACH each IN ARRAY found LOOP
            EXECUTE format('DELETE FROM %s', each);
        END LOOP;
        SET LOCAL session_replication_role = origin;
        DELETE FROM roster WHERE false;
        DELETE FROM customer WHERE false;
    ELSE
        EXECUTE 'TRUNCATE ' || array_to_string(found, ', ') || ' CASCADE';
    END IF;
END $$;
"""


def empty_all_but(kept: Iterable[str]) -> str:
    """The statement that empties every table of the schema `public` but these."""
    return _EMPTY.format(kept=", ".join(f"'{name}'" for name in kept))
