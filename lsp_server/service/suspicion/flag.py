"""From gains to flags: which of a document's places are worth a person's look."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.sites import Site, SiteKind

LINES_A_FLAG = 20
"""A document has at most one flag for so many of its lines, the surest ones."""

THRESHOLDS: Mapping[SiteKind, float] = {
    SiteKind.COMPARISON: 3.0,
    SiteKind.LOGIC: 3.0,
    SiteKind.ARITHMETIC: 5.0,
    SiteKind.TRUTH: 3.0,
    SiteKind.NUMBER: 5.0,
    SiteKind.NAME: 6.5,
    SiteKind.ARGUMENTS: 5.0,
}
"""Nats that an alternative must gain. Chosen on held-out packages so that code without planted bugs has less
than one flag in 200 lines (docs/LOG.md)."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What stands at `span` is `gain` nats less likely than `alternative`."""

    span: Span
    kind: SiteKind
    alternative: str
    gain: float

    @property
    def times(self) -> float:
        """How many times likelier the alternative is."""
        return math.exp(min(self.gain, 50.0))

    @property
    def edit(self) -> Edit:
        """What puts the alternative there."""
        return Edit(self.span, self.alternative)

    def moved(self, span: Span) -> Flag:
        """The flag at another place."""
        return replace(self, span=span)


def flags_of(
    sites: Sequence[Site],
    judged: Sequence[Sequence[float]],
    thresholds: Mapping[SiteKind, float] = THRESHOLDS,
) -> list[Flag]:
    """The best alternative of each site where it gains enough, surest first; none overlap."""
    found = [
        Flag(site.span, site.kind, alternative, gain)
        for site, gains in zip(sites, judged, strict=True)
        for alternative, gain in zip(site.alternatives, gains, strict=True)
        if gain >= thresholds[site.kind]
    ]
    kept: list[Flag] = []
    for flag in sorted(found, key=lambda each: excess(each, thresholds), reverse=True):
        if not any(flag.span.start < other.span.end and other.span.start < flag.span.end for other in kept):
            kept.append(flag)
    return kept


def excess(flag: Flag, thresholds: Mapping[SiteKind, float] = THRESHOLDS) -> float:
    """By how many nats a flag is above its threshold: what flags of different kinds are compared by."""
    return flag.gain - thresholds[flag.kind]


def worth_showing(parsed: Parsed, flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """The surest flags whose alternative breaks nothing, not more than the text's length allows, by place."""
    most = 1 + parsed.text.count("\n") // LINES_A_FLAG
    surest = sorted(flags, key=excess, reverse=True)
    sound = (flag for flag in surest if not check_edits(parsed, [flag.edit]).worse)
    kept = [flag for _, flag in zip(range(most), sound, strict=False)]
    return tuple(sorted(kept, key=lambda flag: flag.span))
