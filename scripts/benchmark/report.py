"""The result of scripts/bench as it is written with ``--json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from benchmark.compare import Case, Record
from benchmark.figures import Summary, by_side, same_text, unfair
from benchmark.roofline.passes import Roofline
from benchmark.scaling.points import Growth
from benchmark.session.outcome import Replay, Typing, typing_figures

OURS, THEIRS = "remask", "llama_cpp"
CASES: tuple[Case, ...] = ("cold", "warm", "multiline", "rewrite")
BLOCK = 16
"""Rows of the pass whose share of the roofline is the one figure."""


@dataclass
class Results:
    """Everything a run has measured; what it left out is empty."""

    records: list[Record] = field(default_factory=list)
    replays: list[Replay] = field(default_factory=list)
    ready: dict[str, dict[str, float]] = field(default_factory=dict)
    peaks_mib: dict[str, int] = field(default_factory=dict)
    roofline: Roofline | None = None
    growth: list[Growth] = field(default_factory=list)
    about: dict[str, object] = field(default_factory=dict)

    @property
    def cases(self) -> dict[Case, dict[str, Summary]]:
        """The summaries of each case measured, by side."""
        found = {case: by_side(self.records, case) for case in CASES}
        return {case: sides for case, sides in found.items() if sides}

    @property
    def typing(self) -> dict[str, Typing]:
        """The figures of the recorded session, by side."""
        return typing_figures(self.replays)


def report(results: Results) -> dict[str, object]:
    """Everything; a ratio is Remask's median time over llama.cpp's, of this run."""
    cases = results.cases
    return {
        **{f"{case}_ratio": ratio(sides) for case, sides in cases.items()},
        **_of_cold(cases.get("cold")),
        **_of_typing(results.typing),
        **_of_machine(results),
        **{case: {side: asdict(summary) for side, summary in sides.items()} for case, sides in cases.items()},
        "same_text": {case: _same_text(results.records, case) for case in cases},
        "growth": [asdict(each) for each in results.growth],
        "unfair": unfair(results.records),
        **results.about,
    }


def ratio(sides: Mapping[str, Summary | Typing]) -> float | None:
    """Our median over theirs; None if one of them has none."""
    ours, theirs = sides[OURS].median_ms, sides[THEIRS].median_ms
    return ours / theirs if ours is not None and theirs is not None else None


def roofline_share(roofline: Roofline) -> float:
    """The share that the block of `BLOCK` rows reaches."""
    return next(each.share for each in roofline.passes if (each.kind, each.rows) == ("block", BLOCK))


def _same_text(records: list[Record], case: Case) -> dict[str, float | None]:
    """How many holes both sides filled alike, and the ratio over these."""
    alike = same_text(records, case, (OURS, THEIRS))
    sides = by_side(alike, case)
    return {"n": len(alike) // 2, "ratio": ratio(sides) if sides else None}


def _of_cold(cold: Mapping[str, Summary] | None) -> dict[str, object]:
    if cold is None:
        return {}
    return {
        "exact_match": {side: cold[side].exact_match for side in (OURS, THEIRS)},
        "forwards_per_fill": cold[OURS].forwards_per_fill,
        "tokens_per_forward": cold[OURS].tokens_per_forward,
    }


def _of_typing(typing: Mapping[str, Typing]) -> dict[str, object]:
    if not typing:
        return {}
    ours, theirs = typing[OURS].fresh_median_ms, typing[THEIRS].fresh_median_ms
    fresh = ours / theirs if ours is not None and theirs is not None else None
    return {
        "typing_ratio": ratio(typing),
        "typing_fresh_ratio": fresh,
        "typing": {side: asdict(found) for side, found in typing.items()},
    }


def _of_machine(results: Results) -> dict[str, object]:
    found: dict[str, object] = {}
    if results.ready:
        found |= {"ready_seconds": results.ready[OURS]["first"], "ready": results.ready}
    if results.peaks_mib:
        found |= {"peak_mib": results.peaks_mib[OURS], "peaks_mib": results.peaks_mib}
    if results.roofline:
        share = roofline_share(results.roofline)
        found |= {"roofline_share": share, "roofline": asdict(results.roofline)}
    return found
