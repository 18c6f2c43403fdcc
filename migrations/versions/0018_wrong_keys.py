"""Wrong keys as what came of an attempt and of a test call; when the provider was asked about a room"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OUTCOMES = "outcome IN ('accepted', 'passed', 'no key', {more}'no answer', 'busy', 'failed', 'cut off')"


def _outcomes(more: str) -> None:
    op.drop_constraint(op.f("ck_page_attempt_outcome"), "page_attempt")
    op.create_check_constraint(op.f("ck_page_attempt_outcome"), "page_attempt", _OUTCOMES.format(more=more))


def upgrade() -> None:
    _outcomes("'wrong keys', ")
    op.add_column("drill", sa.Column("wrong_keys", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("room", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("room", "asked_at")
    op.drop_column("drill", "wrong_keys")
    # A release before this one has no word for it; what it says of "no key" is nearest. What is decided stays decided
    # for everybody else.
    op.execute("ALTER TABLE page_attempt DISABLE TRIGGER decided")
    op.execute("UPDATE page_attempt SET outcome = 'no key' WHERE outcome = 'wrong keys'")
    op.execute("ALTER TABLE page_attempt ENABLE TRIGGER decided")
    _outcomes("")
