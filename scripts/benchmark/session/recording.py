"""The recording: strokes with their times, and the document as each of them leaves it.

`session.json` holds the text and the cursor at the start, and events in order. `keys` are typed one
by one (an entry of several characters is a line break with the indentation an editor puts there),
`erase` is so many backspaces, `accept` is a suggestion taken, whatever the one that was shown, so that every
side meets the same documents; `jump` puts the cursor at a line and column (from 0), `wait` ends the
session. Beside them stand the milliseconds that passed before each stroke.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lsp_server.core.settings import Settings

RECORDED = Path(__file__).with_name("session.json")
DEBOUNCE_MS = Settings().completion.debounce_ms
"""What Remask's server waits for more typing; an answer that comes sooner was there already."""
PAUSE_MS = 400.0
"""Milliseconds without a stroke in which a suggestion is waited for; inside bursts there are fewer."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One change: at `at_ms` ``text[start:end]`` became `typed`, which left `document` and `cursor`.

    `pause_ms` pass before anything else happens. `expected` is what is typed there next,
    up to where the person erases or goes elsewhere.
    """

    at_ms: float
    start: int
    end: int
    typed: str
    document: str
    cursor: int
    pause_ms: float = 0.0
    expected: str = ""

    @property
    def paused(self) -> bool:
        """Whether a suggestion is waited for after this stroke."""
        return self.pause_ms >= PAUSE_MS and bool(self.expected)


@dataclass(frozen=True, slots=True)
class Recording:
    """A session. `text` is the document before the first stroke."""

    path: str
    language: str
    text: str
    strokes: tuple[Stroke, ...]

    @property
    def seconds(self) -> float:
        """How long a replay takes."""
        return (self.strokes[-1].at_ms + self.strokes[-1].pause_ms) / 1000

    @property
    def pauses(self) -> list[Stroke]:
        """The strokes after which a suggestion is waited for."""
        return [stroke for stroke in self.strokes if stroke.paused]


def read_recording(path: Path = RECORDED) -> Recording:
    """The recording in `path`.

    Raises:
        OSError, ValueError, KeyError: it cannot be read, or is of another format.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    text = "\n".join(content["text"])
    strokes = list(_strokes(text, _offset(text, content["cursor"]), content["events"]))
    return Recording(content["path"], content["language"], text, tuple(strokes))


def _strokes(text: str, cursor: int, events: Sequence[dict[str, Any]]) -> Iterator[Stroke]:
    """The strokes of `events`, each with what follows it."""
    done: list[Stroke] = []
    breaks: set[int] = set()
    at = 0.0
    for event in events:
        if "wait" in event:
            at += sum(event["wait"])
        elif "jump" in event:
            at += sum(event["after"])
            cursor = _offset(text, event["jump"])
            breaks.add(len(done))
        else:
            if "erase" in event:
                breaks.add(len(done))
            for back, typed, gap in _changes(event):
                at += gap
                start, end = cursor - back, cursor
                text = text[:start] + typed + text[end:]
                cursor = start + len(typed)
                done.append(Stroke(at, start, end, typed, text, cursor))
        if done and len(done) in breaks:
            done[-1] = replace(done[-1], pause_ms=at - done[-1].at_ms)
    yield from _with_what_follows(done, breaks, at)


def _changes(event: dict[str, Any]) -> Iterator[tuple[int, str, float]]:
    """Characters erased, characters typed and milliseconds before, for each stroke of an event."""
    if "erase" in event:
        texts, back = [""] * event["erase"], 1
    else:
        texts, back = [event["accept"]] if "accept" in event else list(event["keys"]), 0
    for typed, gap in zip(texts, event["after"], strict=True):
        yield back, typed, gap


def _with_what_follows(strokes: Sequence[Stroke], breaks: set[int], end_ms: float) -> Iterator[Stroke]:
    """`breaks` are the numbers of strokes before which the person goes elsewhere or begins to erase."""
    expected, told = "", []
    until = end_ms
    for number in range(len(strokes) - 1, -1, -1):
        stroke = strokes[number]
        if number + 1 in breaks:
            expected = ""
        pause = stroke.pause_ms or until - stroke.at_ms
        told.append(replace(stroke, pause_ms=pause, expected=expected))
        expected = "" if stroke.end > stroke.start else stroke.typed + expected
        until = stroke.at_ms
    yield from reversed(told)


def _offset(text: str, place: Sequence[int]) -> int:
    line, column = place
    return sum(len(each) + 1 for each in text.split("\n")[:line]) + column
