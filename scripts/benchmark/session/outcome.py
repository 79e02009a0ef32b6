"""What became of the pauses of a session, and the figures made of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.figures import percentile
from benchmark.problems import agreeing
from benchmark.session.recording import Stroke

Fate = Literal["shown", "nothing", "late"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pause on one side. `ms` from the last stroke to the answer; infinite if it came too late."""

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
    None where so many answers came too late that there is no such time.
    """

    pauses: int
    shown: int
    nothing: int
    late: int
    compared: int
    median_ms: float | None
    p90_ms: float | None
    right_characters: int
    cpu_s: float
    cpu_s_per_character: float | None


def outcome_of(number: int, stroke: Stroke, ms: float | None, text: str) -> Outcome:
    """What an answer after `ms`, or none, means for the pause after `stroke`."""
    if ms is None or ms > stroke.pause_ms:
        return Outcome(number, "late", math.inf, "", 0)
    if not text.strip():
        return Outcome(number, "nothing", ms, "", 0)
    return Outcome(number, "shown", ms, text, agreeing(text, stroke.expected))


def typing_figures(replays: Sequence[Replay]) -> dict[str, Typing]:
    """The figures of each side, all of its replays together."""
    silent = {outcome.pause for replay in replays for outcome in replay.outcomes if outcome.fate == "nothing"}
    sides = dict.fromkeys(replay.side for replay in replays)
    return {side: _typing([replay for replay in replays if replay.side == side], silent) for side in sides}


def _typing(replays: Sequence[Replay], silent: set[int]) -> Typing:
    outcomes = [outcome for replay in replays for outcome in replay.outcomes]
    times = sorted(outcome.ms for outcome in outcomes if outcome.pause not in silent)
    right = sum(outcome.right for outcome in outcomes)
    cpu_s = sum(replay.cpu_s for replay in replays)
    fates = [outcome.fate for outcome in outcomes]
    return Typing(
        pauses=len(outcomes),
        shown=fates.count("shown"),
        nothing=fates.count("nothing"),
        late=fates.count("late"),
        compared=len(times),
        median_ms=_finite(statistics.median(times)) if times else None,
        p90_ms=_finite(percentile(times, 90)) if times else None,
        right_characters=right,
        cpu_s=cpu_s,
        cpu_s_per_character=cpu_s / right if right else None,
    )


def _finite(ms: float) -> float | None:
    return ms if math.isfinite(ms) else None
