"""What came of one question, against the edits that were really made."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.types import Edit, Span
from lsp_server.evaluation.next_edit.replay import Ask


@dataclass(frozen=True, slots=True)
class Outcome:
    """`place`: a line that was really changed. `exact`: its lines read as they really became.

    `fill` and `answer` are the really changed lines with the offer, and as they became, for chrF;
    empty without a place.
    """

    follows: bool
    shown: bool
    place: bool = False
    exact: bool = False
    reason: str = ""
    gain: float = 0.0
    fill: str = ""
    answer: str = ""


def outcome(ask: Ask, text: str, edit: Edit | None, reason: str = "", gain: float = 0.0) -> Outcome:
    """Of `edit` of `text`, the text after the user's edit; None if nothing was offered."""
    if edit is None:
        return Outcome(bool(ask.left), shown=False)
    hunk = next((each for each in ask.left if _meets(each.span, edit.span, text)), None)
    if hunk is None:
        return Outcome(bool(ask.left), shown=True, reason=reason, gain=gain)
    return Outcome(
        follows=True,
        shown=True,
        place=True,
        exact=_exact(text, hunk, edit),
        reason=reason,
        gain=gain,
        fill=_filled(text, hunk, edit),
        answer=hunk.text,
    )


def _meets(hunk: Span, edit: Span, text: str) -> bool:
    """Whether `edit` changes lines of `hunk`; lines put in at the same place count as well."""
    if len(hunk) == 0 or len(edit) == 0:
        start = text.rfind("\n", 0, edit.start) + 1
        inside = hunk.start <= edit.start < hunk.end
        return inside or (len(hunk) == 0 and start <= hunk.start <= edit.end)
    return hunk.start <= edit.start and edit.end <= hunk.end


def _filled(text: str, hunk: Edit, edit: Edit) -> str:
    """The lines of `hunk` as `edit` makes them."""
    low, high = min(hunk.span.start, edit.span.start), max(hunk.span.end, edit.span.end)
    return apply_in_turn(text[low:high], (Edit(edit.span.shifted(-low), edit.text),))


def _exact(text: str, hunk: Edit, edit: Edit) -> bool:
    """Whether every line that `edit` changes reads as in the real hunk, and nothing real is lost."""
    low, high = min(hunk.span.start, edit.span.start), max(hunk.span.end, edit.span.end)
    present, moved = text[low:high], Edit(edit.span.shifted(-low), edit.text)
    shown = apply_in_turn(present, (moved,)).splitlines()
    wanted = apply_in_turn(present, (Edit(hunk.span.shifted(-low), hunk.text),)).splitlines()
    was = present.splitlines()
    new = [line for line in shown if line not in was]
    gone = [line for line in was if line not in shown]
    return all(line in wanted for line in new) and all(line not in wanted for line in gone)
