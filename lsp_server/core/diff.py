"""The smallest line edits between two texts, so that untouched lines stay untouched."""

from __future__ import annotations

from difflib import SequenceMatcher

from lsp_server.core.types import Edit, Span

MOST_LINES = 2_000
"""Lines of either text beyond which the common ends alone are kept: difflib is quadratic."""


def minimal_edits(old: str, new: str, *, at: int = 0) -> tuple[Edit, ...]:
    """Edits that turn `old` into `new`, in order; `at` is the offset of `old` in its document."""
    before, after = _lines(old), _lines(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    start = at + sum(map(len, before[:head]))
    middle, wanted = before[head : len(before) - tail], after[head : len(after) - tail]
    if not middle and not wanted:
        return ()
    if max(len(middle), len(wanted)) > MOST_LINES:
        return (Edit(Span(start, start + sum(map(len, middle))), "".join(wanted)),)
    edits: list[Edit] = []
    offsets = _offsets(middle, start)
    for tag, i, j, k, l in SequenceMatcher(None, middle, wanted, autojunk=False).get_opcodes():  # noqa: E741 - difflib's names
        if tag != "equal":
            edits.append(Edit(Span(offsets[i], offsets[j]), "".join(wanted[k:l])))
    return tuple(edits)


def _lines(text: str) -> list[str]:
    """Lines with their breaks; only line feeds break, as offsets must add up for any text."""
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _offsets(lines: list[str], start: int) -> list[int]:
    offsets = [start]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    return offsets
