"""Places where the text stands that was changed, among the same neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.next_edit.candidate import Candidate, Reason, joined, line_at
from lsp_server.service.next_edit.change import Change
from lsp_server.service.next_edit.substitution import (
    NAME,
    NEIGHBOURS,
    Substitution,
    substitutions,
    tokens_of,
)

LEAST_AGREEING = 3
"""Tokens that must be the same, of the text that was changed and what stands beside it."""
MOST_PLACES = 40
"""Of one substitution; text that stands in more places is no sign of anything."""
_LEAST_CHARS = 3
_REMARKS = ("#", "//", "--", "/*")


def repeated(document: Document, change: Change) -> Iterator[Candidate]:
    """Other places of `document` where the same substitutions would apply, more alike ones first.

    What was changed on one line goes together: all of it applies to another line, or none.
    """
    found: dict[Edit, int] = {}
    for together in _by_line(change):
        alike = [each for each in _places(document.text, together) if each[1] >= LEAST_AGREEING]
        for edit, weight in _line_by_line(document.text, alike):
            found[edit] = max(weight, found.get(edit, 0))
    for edit, weight in sorted(found.items(), key=lambda one: -one[1]):
        yield Candidate(document, edit, Reason.REPEAT, weight)


def _line_by_line(text: str, found: Sequence[tuple[Edit, int]]) -> Iterator[tuple[Edit, int]]:
    """The edits of one line as one, where none overlaps the one before."""
    lines: dict[Span, list[tuple[Edit, int]]] = {}
    for edit, weight in found:
        line = lines.setdefault(line_at(text, edit.span), [])
        if not line or line[-1][0].span.end <= edit.span.start:
            line.append((edit, weight))
    for line in lines.values():
        yield joined(text, [edit for edit, _ in line]), max(weight for _, weight in line)


def _by_line(change: Change) -> list[list[Substitution]]:
    lines: dict[int, list[Substitution]] = {}
    for each in substitutions(change.before, change.after):
        lines.setdefault(change.after.count("\n", 0, each.at), []).append(each)
    return [each for each in lines.values() if not any(_says_nothing(one) for one in each)]


def _says_nothing(each: Substitution) -> bool:
    """Whether whole lines were changed, or a remark was put behind one."""
    if not (each.left or each.right or each.new.strip()):
        return True
    return "\n" in each.old + each.new or (not each.old and each.new.lstrip().startswith(_REMARKS))


def _places(text: str, together: Sequence[Substitution]) -> list[tuple[Edit, int]]:
    first, *others = together
    found = []
    for edit, weight in _single(text, first):
        edits, total = [edit], weight
        line = line_at(text, edit.span)
        for each in others:
            there = [one for one in _single(text[line.start : line.end], each) if one[0].span.start >= 0]
            moved = [(Edit(one.span.shifted(line.start), one.text), extra) for one, extra in there]
            fitting = [one for one in moved if one[0].span.start >= edits[-1].span.end]
            if not fitting:
                break
            edits.append(fitting[0][0])
            total += fitting[0][1]
        else:
            found.append((joined(text, edits), total))
    return found


def _single(text: str, each: Substitution) -> list[tuple[Edit, int]]:
    """Where one substitution applies, and how many tokens agree there."""
    pattern = _pattern(each)
    if pattern is None:
        return []
    found: list[tuple[Edit, int]] = []
    for match in pattern.finditer(text):
        if len(found) == MOST_PLACES:
            return []
        span = Span(*match.span(1))
        line = line_at(text, span)
        left = _agreeing(tokens_of(text[line.start : span.start])[::-1], each.left[::-1])
        right = _agreeing(tokens_of(text[span.end : line.end]), each.right)
        own = sum(not token.isspace() for token in tokens_of(each.old))
        found.append((Edit(span, each.new), left + own + right))
    return found


def _pattern(each: Substitution) -> re.Pattern[str] | None:
    """What to look for; its group 1 is what would be replaced. None if that says too little."""
    if not (each.old + each.new).strip():
        return None
    if len(each.old.strip()) >= _LEAST_CHARS and NAME.search(each.old):
        edges = (r"(?<!\w)" if each.old[0].isalnum() else "", r"(?!\w)" if each.old[-1].isalnum() else "")
        return re.compile(f"{edges[0]}({re.escape(each.old)}){edges[1]}")
    left, right = each.left[-2:], each.right[:1]
    if len(left) < 2 or not NAME.search("".join((*left, *right))):
        return None
    blanks = r"[^\S\n]*"
    before = blanks.join(map(re.escape, left))
    behind = rf"(?={blanks}{re.escape(right[0])})" if right else rf"(?={blanks}$)"
    between = "" if each.old[:1].isspace() or not each.old else blanks
    return re.compile(rf"(?<!\w){before}{between}({re.escape(each.old)}){behind}", re.MULTILINE)


def _agreeing(there: Sequence[str], here: Sequence[str]) -> int:
    """How many tokens are the same, from the first on, blanks aside."""
    count = 0
    for one, other in zip((token for token in there if not token.isspace()), here, strict=False):
        if one != other or count == NEIGHBOURS:
            break
        count += 1
    return count
