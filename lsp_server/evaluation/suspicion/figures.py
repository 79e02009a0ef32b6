"""The figures of trials: how many bugs are flagged, how many flags are wrong, what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsp_server.evaluation.suspicion.measure import Trial
from lsp_server.service.suspicion.flag import THRESHOLDS

PER_LINES = 200
"""Lines for which one flag is bearable where nothing was planted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a user of these thresholds would see."""

    trials: int
    lines: int
    flagged: Mapping[str, tuple[int, int]]
    """By kind of bug: flagged where it stands, and planted."""
    mended: int
    """Bugs of which the flag's alternative is what stood there before."""
    false: int
    """Flags on lines in which nothing was planted."""
    seconds: float

    @property
    def recall(self) -> float:
        """The share of bugs that are flagged."""
        return sum(found for found, _ in self.flagged.values()) / self.trials

    @property
    def false_per_lines(self) -> float:
        """Wrong flags in `PER_LINES` lines."""
        return PER_LINES * self.false / self.lines

    @property
    def precision(self) -> float:
        """The share of right flags where every `PER_LINES` lines have one such bug."""
        return self.recall / (self.recall + self.false_per_lines) if self.recall else 0.0


def figures_of(trials: Sequence[Trial], thresholds: Mapping[str, float] | None = None) -> Figures:
    """Count; `thresholds` in nats by kind of site, the server's own if None."""
    least = thresholds or {kind.value: value for kind, value in THRESHOLDS.items()}
    flagged: Counter[str] = Counter()
    mended = false = 0
    for trial in trials:
        shown = [each for each in trial.seen if each.gain >= least[each.kind]]
        flagged[trial.bug] += any(each.where == "bug" for each in shown)
        mended += any(each.right for each in shown)
        false += sum(each.where == "clean" for each in shown)
    planted = Counter(trial.bug for trial in trials)
    return Figures(
        len(trials),
        sum(trial.lines for trial in trials),
        {bug: (flagged[bug], planted[bug]) for bug in planted},
        mended,
        false,
        sum(trial.seconds for trial in trials),
    )


def in_words(figures: Figures) -> str:
    """The figures for a person."""
    rows = [f"  {bug:12} {found:4} of {planted}" for bug, (found, planted) in figures.flagged.items()]
    return "\n".join(
        [
            f"{figures.trials} bugs planted in {figures.lines} lines",
            f"flagged {figures.recall:.1%}, of which the fix is right {figures.mended} times:",
            *rows,
            f"wrong flags: {figures.false}, {figures.false_per_lines:.2f} in {PER_LINES} lines",
            f"precision with one bug in {PER_LINES} lines: {figures.precision:.0%}",
            f"time for 1,000 lines: {1000 * figures.seconds / figures.lines:.1f} s",
        ]
    )
