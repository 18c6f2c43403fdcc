"""Failures that workers of the release before have put down since their columns are there: sorted as the others were"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Table, what the names of its columns begin with, and its sentence.
SENTENCES = (
    ("message", "fault", "error"),
    ("phone_call", "fault", "error"),
    ("drill", "call_fault", "call_error"),
    ("drill", "text_fault", "text_error"),
)
# What releases without these columns write at the beginning of a sentence. Of three digits: the answer of a telephone
# network to a call, or the status of an answer without a code.
CODES = {
    "number": "13223 13224 21211 21214 21216 21217 21612 21614 21635 30004 30005 30006 404 410 484 604",
    "person": "21610",
    "account": "10001 13227 20003 20005 21210 21215 21219 21408 21606 21608 30002 30007 30034 63038 401",
    "network": "30003 30008 30036 603",
    "passing": "14107 20429 20500 20502 20503 21611 30001 30022 429 500 502 503 504",
    "request": "21205 21617",
}
NO_TEXTS = "('21614', '21635', '30006', '21610')"
CODES_AND_KINDS = ", ".join(f"('{code}', '{kind}')" for kind, codes in CODES.items() for code in codes.split())
# Workers of such a release may go on beside the new ones: nobody is texted again who wants no texts, or can't take any.
FUNCTION = """
CREATE FUNCTION nightline_takes_no_texts() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    NEW.takes_no_texts := true;
    RETURN NEW;
END $$
"""
TRIGGER = (
    "CREATE TRIGGER takes_no_texts BEFORE UPDATE OF error ON message FOR EACH ROW"
    f" WHEN (split_part(NEW.error, ' ', 1) IN {NO_TEXTS}) EXECUTE FUNCTION nightline_takes_no_texts()"
)


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(TRIGGER)
    for table, name, sentence in SENTENCES:
        op.execute(
            f"UPDATE {table} SET {name}_kind = known.kind, {name}_code = known.code,"
            f" {name}_words = substr({sentence}, length(known.code) + 2)"
            f" FROM (VALUES {CODES_AND_KINDS}) known (code, kind)"
            f" WHERE {name}_kind IS NULL AND {sentence} IS NOT NULL AND split_part({sentence}, ' ', 1) = known.code"
        )
    op.execute(f"UPDATE message SET takes_no_texts = true WHERE fault_code IN {NO_TEXTS} AND NOT takes_no_texts")
    op.execute(
        f"UPDATE contact_fault SET fault_kind = known.kind FROM (VALUES {CODES_AND_KINDS}) known (code, kind)"
        " WHERE contact_fault.fault_kind IS NULL AND contact_fault.code = known.code"
    )


def downgrade() -> None:
    """What was sorted stays sorted: it is as true for the version before."""
    op.execute("DROP TRIGGER takes_no_texts ON message")
    op.execute("DROP FUNCTION nightline_takes_no_texts()")
