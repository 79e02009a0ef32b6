"""The recorded session, and what its pauses are worth."""

from __future__ import annotations

import ast
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from benchmark.session.outcome import Outcome, Replay, outcome_of, typing_figures
from benchmark.session.recording import PAUSE_MS, Recording, Stroke, read_recording
from benchmark.session.replay import Shown


def _recording(folder: Path, *events: dict[str, Any], text: str = "one\ntwo", line: int = 0) -> Recording:
    path = folder / "session.json"
    content = {"path": "a.py", "language": "python", "text": text.split("\n"), "cursor": [line, 3]}
    path.write_text(json.dumps(content | {"events": events}), encoding="utf-8")
    return read_recording(path)


def test_strokes_change_the_document_one_by_one(tmp_path: Path) -> None:
    """Each leaves what the one before left, changed in one place; times add up."""
    events = [
        {"keys": "ab", "after": [10, 20]},
        {"erase": 1, "after": [30]},
        {"accept": "xy", "after": [40]},
        {"jump": [1, 0], "after": [50]},
        {"keys": ["\n  "], "after": [60]},
        {"wait": [70]},
    ]
    recording = _recording(tmp_path, *events)
    assert [stroke.document for stroke in recording.strokes] == [
        "onea\ntwo", "oneab\ntwo", "onea\ntwo", "oneaxy\ntwo", "oneaxy\n\n  two",
    ]  # fmt: skip
    assert [stroke.at_ms for stroke in recording.strokes] == [10, 30, 60, 100, 210]
    assert [stroke.pause_ms for stroke in recording.strokes] == [20, 30, 40, 50, 70]
    assert recording.seconds == pytest.approx(0.28)
    before = recording.text
    for stroke in recording.strokes:
        assert before[: stroke.start] + stroke.typed + before[stroke.end :] == stroke.document
        before = stroke.document


def test_what_follows_ends_where_the_person_turns(tmp_path: Path) -> None:
    """A suggestion is right as far as it is what is typed there next, before erasing or going elsewhere."""
    events = [
        {"keys": "ab", "after": [500, 500]},
        {"erase": 1, "after": [500]},
        {"keys": "cd", "after": [500, 100]},
        {"jump": [0, 0], "after": [500]},
        {"keys": "ef", "after": [500, 500]},
        {"wait": [500]},
    ]
    recording = _recording(tmp_path, *events)
    assert [stroke.expected for stroke in recording.strokes] == ["b", "", "cd", "d", "", "f", ""]
    assert [stroke.document[-3:] for stroke in recording.pauses] == ["two"] * 3
    assert [stroke.expected for stroke in recording.pauses] == ["b", "cd", "f"]


def test_the_session_that_ships_is_code_in_the_end() -> None:
    """It parses when typed, has all kinds of events, and its pauses are clearly pauses."""
    recording = read_recording()
    ast.parse(recording.text)
    ast.parse(recording.strokes[-1].document)
    assert len(recording.pauses) >= 30
    assert any(stroke.end > stroke.start for stroke in recording.strokes)
    assert any(len(stroke.typed.strip()) > 1 for stroke in recording.strokes)
    places = [stroke.start - before.cursor for before, stroke in pairwise(recording.strokes)]
    assert any(abs(moved) > 100 for moved in places)
    inside = [stroke.pause_ms for stroke in recording.strokes if not stroke.paused and stroke.expected]
    assert max(inside) < PAUSE_MS


def _stroke(pause_ms: float = 1000.0) -> Stroke:
    return Stroke(0.0, 0, 0, "", "", 0, pause_ms, "return total")


@pytest.mark.parametrize(
    ("ms", "text", "fate", "right"),
    [
        (200.0, "return x", "shown", 7),
        (200.0, "", "nothing", 0),
        (1200.0, "return total", "late", 0),
        (None, "", "late", 0),
    ],
)
def test_the_fate_of_a_pause(ms: float | None, text: str, fate: str, right: int) -> None:
    """Shown in time, deliberately nothing, or too late; only what was shown can be right."""
    outcome = outcome_of(3, _stroke(), ms, text)
    assert (outcome.fate, outcome.right) == (fate, right)
    assert outcome.ms == (math.inf if ms is None else ms)


def _replay(side: str, *times: float | None) -> Replay:
    """`None` is deliberate silence, infinity too late."""
    fates = ["nothing" if ms is None else "late" if math.isinf(ms) else "shown" for ms in times]
    outcomes = [
        Outcome(number, fate, 5.0 if ms is None else ms, "", 2 if fate == "shown" else 0)  # type: ignore[arg-type]
        for number, (ms, fate) in enumerate(zip(times, fates, strict=True))
    ]
    return Replay(side, tuple(outcomes), 6.0)


def test_silence_is_left_out_on_both_sides_and_lateness_counts() -> None:
    """Quick silence wins nothing, and an answer too late is slower than any other."""
    found = typing_figures([_replay("a", 10.0, None, 30.0, math.inf), _replay("b", 50.0, 60.0, 70.0, 80.0)])
    assert (found["a"].compared, found["a"].median_ms, found["a"].p90_ms) == (3, 30.0, None)
    assert (found["b"].compared, found["b"].median_ms) == (3, 70.0)
    assert (found["a"].shown, found["a"].nothing, found["a"].late) == (2, 1, 1)
    assert found["a"].cpu_s_per_character == pytest.approx(1.5)


def test_typing_along_is_told_apart() -> None:
    """A pause in which a side had its answer before any debounce counts, but not among the fresh ones."""
    found = typing_figures([_replay("a", 3.0, 200.0, 300.0), _replay("b", 500.0, 600.0, math.inf)])
    assert (found["a"].median_ms, found["a"].fresh, found["a"].fresh_median_ms) == (200.0, 2, 250.0)
    assert (found["b"].median_ms, found["b"].fresh_median_ms) == (600.0, None)


@pytest.mark.parametrize(
    ("typed", "behind", "rest"),
    [
        ("", "", "return total"),
        ("return ", "", "total"),
        ("rest", "", ""),
        ("return total", "", ""),
        ("return ", "x", ""),
    ],
)
def test_a_suggestion_stays_while_it_is_typed_along(typed: str, behind: str, rest: str) -> None:
    """What is left of it, unless something else was typed, here or elsewhere, or nothing is left."""
    shown = Shown(Stroke(0.0, 4, 4, "", "one\n\ntwo", 4), "return total")
    after = Stroke(1.0, 4, 4, typed, f"one\n{typed}\ntwo{behind}", 4 + len(typed))
    assert shown.rest(after) == rest


def test_a_side_that_is_always_late_has_no_time() -> None:
    """No median, and no processor time for each right character either."""
    found = typing_figures([_replay("a", math.inf, math.inf)])
    assert (found["a"].median_ms, found["a"].cpu_s_per_character) == (None, None)
