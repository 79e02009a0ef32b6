"""Whether suggestions are used: counted in memory, by id, without keeping what was written for long."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.core.types import Document, Edit, Silence, Suggestion

MOST_KNOWN = 512
"""Suggestions whose fate can still be told."""


class Fate(StrEnum):
    """What became of a suggestion."""

    SHOWN = "shown"
    DISMISSED = "dismissed"
    PARTLY_ACCEPTED = "partly-accepted"
    ACCEPTED = "accepted"


@dataclass(slots=True)
class _Showing:
    """What a document shows now: the place and, by id, what is still to be written there."""

    place: int
    rest: dict[str, str]


class Tally:
    """Counts fates; sees acceptance through the client's command or through the change it makes."""

    def __init__(self) -> None:
        self.fates: Counter[Fate] = Counter()
        self.silences: Counter[Silence] = Counter()
        self._known: OrderedDict[str, Fate] = OrderedDict()
        self._showing: dict[str, _Showing] = {}

    def shown(self, key: str, suggestions: Sequence[Suggestion]) -> None:
        """Suggestions are on the screen; those shown there before and not again are dismissed."""
        rest = {each.id: each.edit.text for each in suggestions if not each.edit.span}
        self._dismiss(key, spare=frozenset(each.id for each in suggestions))
        for each in suggestions:
            if each.id not in self._known:
                self._set(each.id, Fate.SHOWN)
        if rest:
            place = next(each.edit.span.start for each in suggestions if not each.edit.span)
            self._showing[key] = _Showing(place, rest)

    def accepted(self, suggestion_id: str) -> bool:
        """The client says it was accepted; False for an id that was never given out or is too old."""
        if suggestion_id not in self._known:
            return False
        self._set(suggestion_id, Fate.ACCEPTED)
        return True

    def rejected(self, suggestion_id: str) -> bool:
        """The client says it was dismissed; False as for `accepted`."""
        if suggestion_id not in self._known:
            return False
        if self._known[suggestion_id] is Fate.SHOWN:
            self._set(suggestion_id, Fate.DISMISSED)
        return True

    def changed(self, before: Document, edits: Sequence[Edit], _after: Document | None) -> None:
        """Infer from a change what became of the document's suggestions (a `Documents` listener).

        More than one character inserted at once is taken from the suggestion;
        one at a time is typing, which leaves it open.
        """
        showing = self._showing.get(before.key)
        if showing is None:
            return
        if len(edits) != 1 or edits[0].span or edits[0].span.start != showing.place or not edits[0].text:
            self._dismiss(before.key)
            return
        written = edits[0].text
        agreeing = {id_: rest for id_, rest in showing.rest.items() if rest.startswith(written)}
        self._dismiss(before.key, spare=frozenset(agreeing))
        if len(written) > 1:
            for id_, rest in agreeing.items():
                self._raise(id_, Fate.ACCEPTED if rest == written else Fate.PARTLY_ACCEPTED)
        left = {id_: rest[len(written) :] for id_, rest in agreeing.items() if rest != written}
        if left:
            self._showing[before.key] = _Showing(showing.place + len(written), left)

    def _dismiss(self, key: str, spare: frozenset[str] = frozenset()) -> None:
        showing = self._showing.pop(key, None)
        for id_ in showing.rest if showing else ():
            if id_ not in spare and self._known.get(id_) is Fate.SHOWN:
                self._set(id_, Fate.DISMISSED)

    def _raise(self, suggestion_id: str, fate: Fate) -> None:
        if self._known.get(suggestion_id) is not Fate.ACCEPTED:
            self._set(suggestion_id, fate)

    def _set(self, suggestion_id: str, fate: Fate) -> None:
        old = self._known.pop(suggestion_id, None)
        if old is not None:
            self.fates[old] -= 1
        self.fates[fate] += 1
        self._known[suggestion_id] = fate
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
