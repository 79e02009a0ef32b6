"""What became of the pauses of a session, and the figures made of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.figures import percentile
from benchmark.problems import agreeing
from benchmark.session.recording import DEBOUNCE_MS, Stroke

Fate = Literal["shown", "nothing", "late"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pause on one side. `ms` from the last stroke to the answer; infinite if it was withdrawn first."""

    pause: int
    fate: Fate
    ms: float
    text: str
    right: int


@dataclass(frozen=True, slots=True)
class Replay:
    """A session on one side, and the processor time it took there, in seconds."""

    side: str
    outcomes: tuple[Outcome, ...]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Typing:
    """The figures of one side.

    Times are in milliseconds, over the `compared` pauses, those in which no side chose to be silent;
    None where so many answers were withdrawn that there is no such time.
    """

    pauses: int
    shown: int
    nothing: int
    late: int
    compared: int
    median_ms: float | None
    p90_ms: float | None
    fresh: int
    fresh_median_ms: float | None
    """Over those of the compared in which no side had a suggestion left that was being typed along."""
    right_characters: int
    cpu_s: float
    cpu_s_per_character: float | None


def outcome_of(number: int, stroke: Stroke, ms: float | None, text: str) -> Outcome:
    """What an answer after `ms`, or none, means for the pause after `stroke`."""
    if ms is None or ms > stroke.pause_ms:
        return Outcome(number, "late", math.inf if ms is None else ms, "", 0)
    if not text.strip():
        return Outcome(number, "nothing", ms, "", 0)
    return Outcome(number, "shown", ms, text, agreeing(text, stroke.expected))


def typing_figures(replays: Sequence[Replay]) -> dict[str, Typing]:
    """The figures of each side, all of its replays together."""
    everybody = [outcome for replay in replays for outcome in replay.outcomes]
    silent = {outcome.pause for outcome in everybody if outcome.fate == "nothing"}
    kept = {outcome.pause for outcome in everybody if outcome.ms < DEBOUNCE_MS}
    found: dict[str, list[Replay]] = {}
    for replay in replays:
        found.setdefault(replay.side, []).append(replay)
    return {side: _typing(each, silent, kept) for side, each in found.items()}


def _typing(replays: Sequence[Replay], silent: set[int], kept: set[int]) -> Typing:
    outcomes = [outcome for replay in replays for outcome in replay.outcomes]
    compared = [outcome for outcome in outcomes if outcome.pause not in silent]
    times = [outcome.ms for outcome in compared]
    fresh = [outcome.ms for outcome in compared if outcome.pause not in kept]
    right = sum(outcome.right for outcome in outcomes)
    cpu_s = sum(replay.cpu_s for replay in replays)
    fates = [outcome.fate for outcome in outcomes]
    return Typing(
        pauses=len(outcomes),
        shown=fates.count("shown"),
        nothing=fates.count("nothing"),
        late=fates.count("late"),
        compared=len(compared),
        median_ms=_middle(times),
        p90_ms=_finite(percentile(times, 90)) if times else None,
        fresh=len(fresh),
        fresh_median_ms=_middle(fresh),
        right_characters=right,
        cpu_s=cpu_s,
        cpu_s_per_character=cpu_s / right if right else None,
    )


def _middle(times: Sequence[float]) -> float | None:
    return _finite(statistics.median(times)) if times else None


def _finite(ms: float) -> float | None:
    return ms if math.isfinite(ms) else None
