"""What many replayed edits say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.evaluation.metrics import chrf
from lsp_server.evaluation.next_edit.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in [0, 1]; of nothing they are 0.

    `show_rate`: of questions after which something followed in the file, those that got an offer;
    `quiet_rate`: of the others, those that got none. `place`, `exact`: of all offers, those at lines that
    were really changed, and those that read as the lines really became. `chrf`: of those at a right place.
    """

    asked: int
    follows: int
    shown: int
    show_rate: float
    quiet_rate: float
    place: float
    exact: float
    chrf: float


def figures_of(found: Sequence[Outcome]) -> Figures:
    """The figures of all questions."""
    follow = [each for each in found if each.follows]
    last = [each for each in found if not each.follows]
    shown = [each for each in found if each.shown]
    placed = [each for each in shown if each.place]
    return Figures(
        asked=len(found),
        follows=len(follow),
        shown=len(shown),
        show_rate=_share(sum(each.shown for each in follow), len(follow)),
        quiet_rate=_share(sum(not each.shown for each in last), len(last)),
        place=_share(len(placed), len(shown)),
        exact=_share(sum(each.exact for each in shown), len(shown)),
        chrf=chrf([each.fill for each in placed], [each.answer.rstrip("\n") for each in placed]),
    )


def table(named: Sequence[tuple[str, Sequence[Outcome]]]) -> str:
    """One line for each name, in Markdown."""
    heads = ("", "asked", "followed", "shown", "show-rate", "quiet-rate", "place", "exact", "chrF")
    rows = [heads, ("---",) * len(heads)]
    for name, found in named:
        each = figures_of(found)
        shares = (each.show_rate, each.quiet_rate, each.place, each.exact, each.chrf)
        counts = (each.asked, each.follows, each.shown)
        rows.append((name, *map(str, counts), *(f"{share:.3f}" for share in shares)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
