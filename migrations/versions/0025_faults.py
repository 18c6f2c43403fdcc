"""Why calls and texts failed: whose fault, the provider's code and the words, each in a column"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KINDS = "('number', 'person', 'account', 'network', 'passing', 'request')"
# Table, what the names of its new columns begin with, and its sentence.
SENTENCES = (
    ("message", "fault", "error"),
    ("phone_call", "fault", "error"),
    ("drill", "call_fault", "call_error"),
    ("drill", "text_fault", "text_error"),
)
# What releases before this one wrote at the beginning of a sentence, as of the day of this migration. Of three digits:
# the answer of a telephone network to a call, or the status of an answer without a code.
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


def upgrade() -> None:
    for table, name, sentence in SENTENCES:
        _add_kind(table, f"{name}_kind")
        op.add_column(table, sa.Column(f"{name}_code", sa.String(), nullable=True))
        op.add_column(table, sa.Column(f"{name}_words", sa.String(), nullable=True))
        op.execute(
            f"UPDATE {table} SET {name}_kind = known.kind, {name}_code = known.code,"
            f" {name}_words = substr({sentence}, length(known.code) + 2)"
            f" FROM (VALUES {CODES_AND_KINDS}) known (code, kind)"
            f" WHERE {sentence} IS NOT NULL AND split_part({sentence}, ' ', 1) = known.code"
        )
    no_texts = sa.Column("takes_no_texts", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("message", no_texts)
    op.execute(f"UPDATE message SET takes_no_texts = true WHERE fault_code IN {NO_TEXTS}")
    _add_kind("contact_fault", "fault_kind")
    op.execute(
        f"UPDATE contact_fault SET fault_kind = known.kind FROM (VALUES {CODES_AND_KINDS}) known (code, kind)"
        " WHERE contact_fault.code = known.code"
    )


def _add_kind(table: str, column: str) -> None:
    op.add_column(table, sa.Column(column, sa.String(length=16), nullable=True))
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN {KINDS}")


def downgrade() -> None:
    op.drop_column("contact_fault", "fault_kind")
    op.drop_column("message", "takes_no_texts")
    for table, name, _ in SENTENCES:
        for part in ("kind", "code", "words"):
            op.drop_column(table, f"{name}_{part}")
