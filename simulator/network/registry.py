"""Resources by sid, newest last; those long over are forgotten."""

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

KEPT = 20_000


class HasSid(Protocol):
    @property
    def sid(self) -> str: ...


T = TypeVar("T", bound=HasSid)


class Registry(Generic[T]):
    """Keeps the last resources; one that is not over is never forgotten."""

    def __init__(self, is_over: Callable[[T], bool] = lambda _: True, kept: int = KEPT) -> None:
        self._by_sid: dict[str, T] = {}
        self._is_over = is_over
        self._kept = kept

    def add(self, resource: T) -> T:
        self._by_sid[resource.sid] = resource
        if len(self._by_sid) > self._kept:
            oldest = next((sid for sid, one in self._by_sid.items() if self._is_over(one)), None)
            if oldest is not None:
                del self._by_sid[oldest]
        return resource

    def get(self, sid: str) -> T | None:
        return self._by_sid.get(sid)

    def remove(self, sid: str) -> None:
        self._by_sid.pop(sid, None)

    def newest_first(self) -> list[T]:
        return list(reversed(self._by_sid.values()))

    def clear(self) -> None:
        self._by_sid.clear()

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)
