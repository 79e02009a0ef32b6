"""A hole cut at its locks: what stays, and the gaps to be filled between."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.healing import half_typed
from lsp_server.engine.protocol import FillRequest, Hole


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the request's text to be written anew.

    The fill begins with `typed`; if `healed`, these characters stand before the gap
    and do not belong to the answer.
    """

    start: int
    end: int
    typed: str = ""
    healed: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Locked characters between two gaps."""

    text: str


def gaps_of(request: FillRequest, hole: Hole) -> list[Gap | Kept]:
    """The hole's parts in order.

    A lock at the start is taken into the first gap as its typed head. Between two
    locks there is a gap only where something stands now.
    """
    locks = [lock for lock in hole.locks if len(lock)]
    typed = ""
    at = hole.start
    if locks and locks[0].start == hole.start:
        head = locks.pop(0)
        typed, at = request.text[head.start : head.end], head.end
    parts: list[Gap | Kept] = []
    for lock in locks:
        if lock.start > at or typed:
            parts.append(Gap(at, lock.start, typed))
            typed = ""
        parts.append(Kept(request.text[lock.start : lock.end]))
        at = lock.end
    if at < hole.end or not parts:
        parts.append(_healed(request.text, at, hole.end) if not hole.locks else Gap(at, hole.end, typed))
    return parts


def words_and_rest(typed: str, *, settled: bool = False) -> tuple[str, str]:
    """Typed characters cut before what may still grow: whole words, and the half-typed rest.

    Of what is `settled` nothing may grow.
    """
    whole = len(typed) - (0 if settled else half_typed(typed))
    return typed[:whole], typed[whole:]


def _healed(text: str, start: int, end: int) -> Gap:
    """A gap whose fill may go on with the word or the indentation that stands before it."""
    length = half_typed(text[:start])
    return Gap(start, end, text[start - length : start], healed=True) if length else Gap(start, end)
