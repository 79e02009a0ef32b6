"""Which places may follow from what was changed last, likeliest first; by syntax alone, without the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.next_edit.candidate import Candidate, Reason, line_at
from lsp_server.service.next_edit.change import Change
from lsp_server.service.next_edit.imports import imports
from lsp_server.service.next_edit.parameters import parameters
from lsp_server.service.next_edit.renamed import renamed, renamed_elsewhere
from lsp_server.service.next_edit.repeated import repeated
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.parse import Parsed

MOST_CANDIDATES = 200
MOST_LOOKED_BACK = 3
"""Changes before the last one that may still have consequences."""
_ORDER = (Reason.RENAME, Reason.PARAMETER, Reason.IMPORT, Reason.REPEAT)

ParsedFor = Callable[[Document], Parsed]


def propose(
    document: Document, changes: Sequence[Change], parsed_for: ParsedFor, others: Iterable[Document] = ()
) -> Iterator[Candidate]:
    """What may follow in `document`, then in `others`; `changes` are the user's last, latest first.

    Left out is what would undo one of them, lies in the lines of the last one, or does not parse.
    """
    seen: set[tuple[str, Span]] = set()
    mine = [change for change in changes if change.key == document.key][:MOST_LOOKED_BACK]
    for change in mine:
        parsed = parsed_for(document)
        if _half_typed(parsed, change):
            continue
        here = _sorted(document, change, _here(document, parsed, change))
        there = (each for other in others for each in _there(change, document, parsed, other, parsed_for))
        for each in islice((*here, *there), MOST_CANDIDATES):
            place = (each.document.key, each.edit.span)
            if place not in seen and _sensible(each, changes, parsed_for):
                seen.add(place)
                yield each


def _half_typed(parsed: Parsed, change: Change) -> bool:
    """Whether the change broke the syntax: then it has not come to its end."""
    earlier = Parsed(change.undone(parsed.text), parsed.language)
    start = change.span.start
    return check_edits(earlier, [Edit(Span(start, start + len(change.before)), change.after)]).worse


def _here(document: Document, parsed: Parsed, change: Change) -> Iterator[Candidate]:
    uses = tuple(renamed(document, parsed, change))
    yield from uses
    yield from parameters(document, parsed, change)
    yield from imports(document, parsed, change)
    if not uses:
        yield from repeated(document, change)


def _there(
    change: Change, document: Document, parsed: Parsed, other: Document, parsed_for: ParsedFor
) -> Iterator[Candidate]:
    if other.key == document.key or other.language != document.language:
        return
    tree = parsed_for(other)
    yield from renamed_elsewhere(change, parsed, other, tree)
    yield from parameters(document, parsed, change, (other, tree))


def _sorted(document: Document, change: Change, found: Iterable[Candidate]) -> list[Candidate]:
    """By reason, by how much agrees, then below the change from near to far, then above it."""

    def key(each: Candidate) -> tuple[int, int, bool, int]:
        ahead = each.edit.span.start - change.span.end
        return (_ORDER.index(each.reason), -each.weight, ahead < 0, abs(ahead))

    outside = (each for each in found if not _touches(line_at(document.text, each.edit.span), change.span))
    return sorted(outside, key=key)


def _sensible(each: Candidate, changes: Sequence[Change], parsed_for: ParsedFor) -> bool:
    """Whether it changes something, undoes nothing, and parses."""
    document, edit = each.document, each.edit
    if each.old == edit.text or (not each.old.strip() and not edit.text.strip()):
        return False
    after = apply_in_turn(document.text, (edit,))
    for change in changes:
        if change.key != document.key:
            continue
        if _touches(change.span, line_at(document.text, edit.span)):
            if after == change.undone(document.text):
                return False
            if each.old.strip() in change.after and edit.text.strip() and edit.text.strip() in change.before:
                return False
    return not each.written or not check_edits(parsed_for(document), [edit]).worse


def _touches(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
