"""Where the user has been editing lately, in any document."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lsp_server.core.text import line_end, line_start
from lsp_server.core.types import Document, Span

NEAR_LINES = 8
"""Edits at most this many lines apart belong to one region."""

LATELY_S = 30 * 60.0
"""Seconds after which an edit no longer counts as recent."""

MOST_DOCUMENTS = 16
MOST_PLACES = 24
"""Per document."""

MOST_CHARS = 1_000_000
"""Code points of a document beyond which its edits are not followed."""

LARGEST_EDIT = 4_000
"""Code points; what replaces more at once is a reload or a formatter rather than a person."""

REGION_CHARS = 1_600
_NEAR_CHARS = 200 * NEAR_LINES
_CHUNK = 4_096


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a document that was edited lately: whole lines, unless they are very long."""

    document: Document
    span: Span

    @property
    def text(self) -> str:
        """What stands in the region."""
        return self.document.text[self.span.start : self.span.end]


@dataclass(frozen=True, slots=True)
class _Place:
    """An offset at which something was edited; `order` grows with time."""

    offset: int
    order: int
    at: float


@dataclass(frozen=True, slots=True)
class _Track:
    document: Document
    places: tuple[_Place, ...]


class RecentEdits:
    """Remembers the last edits of the last documents; `clock` gives seconds. Safe from any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tracks: dict[str, _Track] = {}
        self._order = 0

    def record(self, before: Document, after: Document) -> None:
        """Note that `before` has become `after`."""
        if max(len(before.text), len(after.text)) > MOST_CHARS:
            with self._lock:
                self._tracks.pop(before.key, None)
            return
        changed, length = _changed(before.text, after.text)
        with self._lock:
            track = self._tracks.pop(before.key, _Track(before, ()))
            if track.document.text != before.text:
                track = _Track(before, ())
            places = tuple(_carried(place, changed, length) for place in track.places)
            if 0 < max(length, len(changed)) <= LARGEST_EDIT:
                places = self._with(places, after.text, Span(changed.start, changed.start + length))
            self._tracks[after.key] = _Track(after, places)
            while len(self._tracks) > MOST_DOCUMENTS:
                del self._tracks[next(iter(self._tracks))]

    def regions(self, now: Document, *, most_chars: int = REGION_CHARS) -> tuple[Region, ...]:
        """The regions edited lately in any document, latest first.

        One longer than `most_chars` is cut to what surrounds its latest edit. Those
        of `now` itself are left out where its text is no longer the one recorded.
        """
        oldest = self._clock() - LATELY_S
        with self._lock:
            tracks = tuple(self._tracks.values())
        found: list[tuple[int, Region]] = []
        for track in tracks:
            if track.document.key == now.key and track.document.text != now.text:
                continue
            fresh = [place for place in track.places if place.at >= oldest]
            found += _regions(track.document, fresh, most_chars)
        found.sort(key=lambda each: -each[0])
        return tuple(region for _, region in found if region.text.strip())

    def _with(self, places: tuple[_Place, ...], text: str, edited: Span) -> tuple[_Place, ...]:
        """`places` and the new edit, each line once, at most `MOST_PLACES` of the latest."""
        self._order += 1
        several = "\n" in text[edited.start : edited.end]
        ends = (edited.end, edited.start) if several else (edited.end,)
        new = tuple(_Place(offset, self._order, self._clock()) for offset in ends)
        start, end = line_start(text, edited.start), line_end(text, edited.end)
        older = tuple(place for place in places if not start <= place.offset <= end)
        return (*new, *older)[:MOST_PLACES]


def _carried(place: _Place, changed: Span, length: int) -> _Place:
    """`place` after the change; one inside it moves to its start."""
    if place.offset <= changed.start:
        return place
    moved = place.offset - len(changed) + length if place.offset >= changed.end else changed.start
    return replace(place, offset=moved)


def _regions(document: Document, places: list[_Place], most: int) -> list[tuple[int, Region]]:
    regions = []
    for group in _groups(document.text, sorted(places, key=lambda place: place.offset)):
        latest = max(group, key=lambda place: place.order)
        regions.append(
            (latest.order, Region(document, _lines_around(document.text, group, latest.offset, most)))
        )
    return regions


def _groups(text: str, places: list[_Place]) -> list[list[_Place]]:
    groups: list[list[_Place]] = []
    for place in places:
        if groups and _near(text, groups[-1][-1].offset, place.offset):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _near(text: str, start: int, end: int) -> bool:
    return end - start <= _NEAR_CHARS and text.count("\n", start, end) <= NEAR_LINES


def _lines_around(text: str, group: list[_Place], latest: int, most: int) -> Span:
    """The lines of a group; if they are too long, whole lines around its latest edit."""
    start, end = line_start(text, group[0].offset), line_end(text, group[-1].offset)
    if end - start <= most:
        return Span(start, end)
    low, high = max(start, latest - most // 2), min(end, latest + most // 2)
    if low > start:
        low = text.find("\n", low - 1, latest) + 1 or low
    if high < end:
        broken = text.rfind("\n", latest, high)
        high = broken if broken >= 0 else high
    return Span(low, high)


def _changed(before: str, after: str) -> tuple[Span, int]:
    """The span of `before` that differs and how long it is in `after`."""
    shortest = min(len(before), len(after))
    head = _common_head(before, after, shortest)
    tail = _common_tail(before, after, shortest - head)
    return Span(head, len(before) - tail), len(after) - tail - head


def _common_head(before: str, after: str, most: int) -> int:
    done = 0
    while done < most and before[done : done + _CHUNK] == after[done : done + _CHUNK]:
        done += _CHUNK
    done = min(done, most)
    while done < most and before[done] == after[done]:
        done += 1
    return done


def _common_tail(before: str, after: str, most: int) -> int:
    done, b, a = 0, len(before), len(after)
    while (
        done + _CHUNK <= most and before[b - done - _CHUNK : b - done] == after[a - done - _CHUNK : a - done]
    ):
        done += _CHUNK
    while done < most and before[b - done - 1] == after[a - done - 1]:
        done += 1
    return done
