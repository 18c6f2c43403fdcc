"""What is sealed can be read, or changed, by nobody without the key and the purpose."""

import pytest

from core.security.sealing import Seal, SealError, seal_for

SECRET = b"a secret for tests of seals"


def test_there_and_back() -> None:
    seal = Seal(SECRET, "snapshot")
    assert seal.open(seal.close(b"whom to ring")) == b"whom to ring"
    assert seal.open_text(seal.close_text(b"whom to ring")) == b"whom to ring"
    assert seal.close(b"whom to ring") != seal.close(b"whom to ring")
    assert b"whom" not in seal.close(b"whom to ring")


@pytest.mark.parametrize("other", [Seal(b"another secret", "snapshot"), Seal(SECRET, "journal")])
def test_of_another_key_or_purpose(other: Seal) -> None:
    with pytest.raises(SealError):
        other.open(Seal(SECRET, "snapshot").close(b"whom to ring"))


def test_every_changed_bit_is_noticed() -> None:
    sealed = Seal(SECRET, "snapshot").close(b"ring Ada")
    for place in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(SealError):
            seal_for(SECRET, "snapshot").open(bytes(changed))


@pytest.mark.parametrize("text", ["", "A", "!!!!", "é", "AAAA", "A" * 400, "../../etc/passwd"])
def test_hostile_text(text: str) -> None:
    with pytest.raises(SealError):
        seal_for(SECRET, "address").open_text(text)
