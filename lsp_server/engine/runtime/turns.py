"""Whose turn it is: owners take turns with what waits, and among an owner's jobs its documents do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits, by owner and by document; within a document in the order of arrival. Not locked."""

    def __init__(self) -> None:
        self._owners: dict[str, dict[Hashable, deque[T]]] = {}

    def __iter__(self) -> Iterator[T]:
        return (item for lines in self._owners.values() for line in lines.values() for item in line)

    def __bool__(self) -> bool:
        return bool(self._owners)

    @property
    def owners(self) -> Collection[str]:
        """Those who wait, next first as far as nothing else tells them apart."""
        return self._owners.keys()

    def of(self, owner: str) -> list[T]:
        """What waits of one owner."""
        return [item for line in self._owners.get(owner, {}).values() for item in line]

    def add(self, owner: str, document: Hashable, item: T) -> None:
        """Queue behind what waits of this owner's document."""
        self._owners.setdefault(owner, {}).setdefault(document, deque()).append(item)

    def remove(self, owner: str, document: Hashable, item: T) -> None:
        """Take out, if it is there."""
        line = self._owners.get(owner, {}).get(document, deque())
        if item in line:
            line.remove(item)
            self._tidy(owner, document)

    def next(self, rank: Callable[[str], Any], among: Collection[str]) -> T:
        """Take an item of the owner of `among` with the least `rank`; of equals, who has waited longest."""
        owner = min((each for each in self._owners if each in among), key=rank)
        lines = self._owners.pop(owner)
        document = next(iter(lines))
        line = lines.pop(document)
        item = line.popleft()
        lines[document] = line  # both go to the end
        self._owners[owner] = lines
        self._tidy(owner, document)
        return item

    def clear(self) -> None:
        """Forget all."""
        self._owners.clear()

    def _tidy(self, owner: str, document: Hashable) -> None:
        lines = self._owners[owner]
        if not lines[document]:
            del lines[document]
        if not lines:
            del self._owners[owner]


class Served:
    """Seconds of the model that owners have had, as far as they matter for whose turn it is.

    After the Virtual Token Counter (Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024),
    with time in place of tokens, since passes of different fills cost differently: who has had least
    is next, and who was away begins where the least served of those present is, so that absence
    saves nothing up.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def of(self, owner: str) -> float:
        """What counts for `owner`."""
        return self._seconds.get(owner, 0.0)

    def arrive(self, owner: str, present: Collection[str]) -> None:
        """`owner` has a job, and `present` are those who had one before, waiting or under way."""
        if owner in present:
            return
        floor = min(map(self.of, present), default=None)
        if floor is None:
            self._seconds.clear()
            return
        self._seconds = {
            each: seconds for each, seconds in self._seconds.items() if each in present or seconds > floor
        }
        self._seconds[owner] = max(self.of(owner), floor)

    def charge(self, owner: str, seconds: float) -> None:
        """`owner` had the model for so long."""
        self._seconds[owner] = self.of(owner) + seconds
