"""What a provider says when a call or a text fails: whose fault it is, its code, and words for people.

The side that speaks with the provider sorts its codes, once, where the answer comes in. Everything here only keeps and
asks for what it decided; nobody else knows a code or reads one out of a sentence.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, composite, declared_attr, mapped_column

from core.db import EnumText, one_of


class FaultKind(StrEnum):
    """Whose fault it is, or what has to change before the same thing can succeed."""

    NUMBER = "number"  # the number or the phone behind it: nothing of this sort reaches it
    PERSON = "person"  # they have asked for silence: STOP was texted from that phone
    ACCOUNT = "account"  # our account at the provider: its administrator can mend it
    NETWORK = "network"  # a telephone network on the way
    PASSING = "passing"  # the provider is busy or broken at this moment
    REQUEST = "request"  # what we asked for makes no sense to the provider


@dataclass(frozen=True)
class Fault:
    """One failure as it is kept. `code`: the provider's, empty when it gave none."""

    kind: FaultKind
    code: str
    words: str

    @property
    def sentence(self) -> str:
        """For tickets and the log: the code first."""
        return f"{self.code} {self.words}" if self.code else self.words

    @property
    def shown(self) -> str:
        """For people who have to do something about it: the words first."""
        return f"{self.words} ({self.code})" if self.code else self.words


@dataclass(frozen=True)
class ProviderFault(Fault):
    """A failure as it comes in, with what the provider's side knows about the code.

    `permanent`: the same request will fail in the same way. `about_number`: it says something about this one number (or
    our right to reach it), and nothing about others. `takes_no_texts`: no text will ever reach the number.
    """

    permanent: bool = True
    about_number: bool = False
    takes_no_texts: bool = False


def kind_check(column: str) -> CheckConstraint:
    """The database takes no other words in a column of kinds."""
    return CheckConstraint(one_of(column, FaultKind), name=column)


class FaultKept:
    """Columns of a row that the provider was asked for: how the last try failed.

    `error` says it in one sentence, which releases before this one read; it is also set where no provider is to blame.
    """

    error: Mapped[str | None]
    fault_kind: Mapped[FaultKind | None] = mapped_column(EnumText(FaultKind))
    fault_code: Mapped[str | None]
    fault_words: Mapped[str | None]

    @declared_attr
    @classmethod
    def fault(cls) -> Mapped[Fault | None]:
        return composite(Fault, "fault_kind", "fault_code", "fault_words")

    def keep_fault(self, fault: ProviderFault) -> None:
        """Put down how this try failed."""
        self.error, self.fault = fault.sentence, fault
