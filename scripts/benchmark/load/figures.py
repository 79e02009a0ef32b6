"""From what became of requests to the figures of a scene."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.load.line import Asked
from benchmark.users.figures import quantile


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene. Times are of answers that somebody waited for, of polite users; None if there were none.

    `asked` are all requests of all, of which `answered`, `withdrawn` (by their own editor) and `lost` are
    parts that leave nothing over. `again` are those that were refused, or found no engine, and were asked
    again. `fairness` is Jain's index of what the users got, 1 where all got the same.
    """

    scene: str
    parallel: int
    users: int
    seconds: float
    asked: int
    answered: int
    withdrawn: int
    lost: int
    again: int
    answers_per_s: float
    tokens_per_s: float
    p50_ms: float | None
    p99_ms: float | None
    worst_ms: float | None
    fairness: float | None = None
    greedy_share: float | None = None
    troubles: tuple[str, ...] = ()
    """What those that were lost were told."""


def scene_of(
    name: str,
    parallel: int,
    seconds: float,
    polite: Sequence[Sequence[Asked]],
    greedy: Sequence[Asked] = (),
    *,
    fairness: float | None = None,
) -> Scene:
    """The figures; `polite` holds what each of the users asked.

    Raises:
        ValueError: a request is still open.
    """
    everything = [asked for each in (*polite, greedy) for asked in each]
    fates = [asked.fate for asked in everything]
    if "open" in fates:
        raise ValueError(f"{fates.count('open')} requests are still open")
    answered = [asked for asked in everything if asked.fate == "answered"]
    times = sorted(
        asked.ms for each in polite for asked in each if asked.fate == "answered" and asked.waited_for
    )
    tokens, theirs = (sum(tokens_of({"": asks})) for asks in (answered, greedy))
    return Scene(
        scene=name,
        parallel=parallel,
        users=len(polite),
        seconds=round(seconds, 1),
        asked=len(everything),
        answered=len(answered),
        withdrawn=fates.count("withdrawn"),
        lost=fates.count("lost"),
        again=sum(asked.tries > 1 for asked in everything),
        answers_per_s=round(len(answered) / seconds, 2),
        tokens_per_s=round(tokens / seconds, 1),
        p50_ms=round(statistics.median(times)) if times else None,
        p99_ms=round(quantile(times, 0.99)) if times else None,
        worst_ms=round(times[-1]) if times else None,
        fairness=fairness,
        troubles=tuple(asked.trouble for asked in everything if asked.fate == "lost"),
        greedy_share=round(theirs / tokens, 3) if greedy and tokens else None,
    )


def jain(got: Sequence[float]) -> float | None:
    """Jain's index of fairness: 1 if all got the same, 1/n if one got all, None if nobody got any.

    Jain, Chiu and Hawe, "A quantitative measure of fairness and discrimination", DEC-TR-301, 1984.
    """
    squares = sum(each * each for each in got)
    return round(sum(got) ** 2 / (len(got) * squares), 3) if squares else None


def tokens_of(asked: Mapping[str, Sequence[Asked]]) -> list[float]:
    """What each person got written."""
    return [float(sum(each.tokens for each in asks if each.fate == "answered")) for asks in asked.values()]
