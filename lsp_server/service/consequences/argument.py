"""The one argument that a fill begins with: models go on with the rest of the call."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.engine.protocol import HoleFill, Piece

_OPENERS, _CLOSERS = "([{", ")]}"
_ENDS = re.compile(r"[,;\n]|#|//| (?:for|async for) ")
_QUOTED = re.compile(
    r"(?s)(?:\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"
)
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument, and how sure the model is of it: the geometric mean of its tokens' probabilities."""

    text: str
    confidence: float


def first_argument(fill: HoleFill, name: str = "") -> Argument | None:
    """What of a fill is one argument, without `name=` before it; None if it does not come to its end."""
    text = fill.text
    start = len(text) - len(text.lstrip())
    given = re.match(rf"{re.escape(name)}\s*=(?!=)\s*", text[start:]) if name else None
    start += given.end() if given else 0
    end = _end(text, start)
    if end is None or not text[start:end].strip():
        return None
    return Argument(text[start:end].strip(), _confidence(fill.pieces, start, end))


def _end(text: str, start: int) -> int | None:
    """Where the argument ends; None if a bracket or a string in it is not closed."""
    depth, at = 0, start
    while at < len(text):
        if quoted := _QUOTED.match(text, at):
            at = quoted.end()
            continue
        character = text[at]
        if character in "\"'`":
            return None
        if depth == 0 and (character in _CLOSERS or _ENDS.match(text, at)):
            return at
        depth += (character in _OPENERS) - (character in _CLOSERS)
        at += 1
    return at if depth == 0 else None


def _confidence(pieces: Sequence[Piece], start: int, end: int) -> float:
    """Of the tokens that the argument shares characters with."""
    at, logs = 0, []
    for piece in pieces:
        if at < end and start < at + len(piece.text) and not piece.locked:
            logs.append(math.log(max(piece.confidence, _LEAST)))
        at += len(piece.text)
    return math.exp(sum(logs) / len(logs)) if logs else 1.0
