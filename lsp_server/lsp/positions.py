r"""The one converter between LSP positions and code-point offsets.

A position counts lines and, inside a line, the units of an encoding: UTF-16
code units, UTF-8 bytes or UTF-32 code points. Lines end in ``\n``, ``\r\n`` or
``\r`` and nothing else, as the protocol says (``str.splitlines`` knows more).

What lies past the end of a line means its end, before its line break; what lies
past the last line means the end of the text; what points into the middle of a
character means its start. pygls' own codec is not used: it is wrong past the end
of a last line without line break, and changes the positions it is given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Span

_BREAK = re.compile(r"\r\n|\r|\n")
_CHUNK = 4096


class Encoding(StrEnum):
    """The units in which a position counts inside a line."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    UTF_32 = "utf-32"

    def units(self, text: str) -> int:
        """The length of `text`; a lone surrogate counts like a character of its plane."""
        if self is Encoding.UTF_32 or text.isascii():
            return len(text)
        if self is Encoding.UTF_8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Lines:
    """The lines of one text, found as far as they are asked for; `edited` keeps what it can."""

    __slots__ = ("_complete", "_starts", "text")

    def __init__(self, text: str, starts: list[int] | None = None) -> None:
        self.text = text
        self._starts = starts or [0]
        self._complete = False

    def edited(self, span: Span, replacement: str) -> Lines:
        """The lines after `span` was replaced; lines before it are not searched again."""
        text = self.text[: span.start] + replacement + self.text[span.end :]
        # A carriage return just before the edit may become half of a CRLF: that line is dropped too.
        kept = bisect_right(self._starts, max(0, span.start - 1))
        return Lines(text, self._starts[:kept])

    def offset(self, line: int, character: int, encoding: Encoding) -> int:
        """The offset of a position; see the module for positions outside the text.

        Raises:
            BadInput: a number is negative.
        """
        if line < 0 or character < 0:
            raise BadInput(f"position {line}:{character} is negative")
        if not self._reach_line(line):
            return len(self.text)
        start = self._starts[line]
        end = self._content_end(line)
        return _advance(self.text, start, end, character, encoding)

    def position(self, offset: int, encoding: Encoding) -> tuple[int, int]:
        """Line and character of an offset; one inside a CRLF means the end of its line.

        Raises:
            BadInput: the offset is outside the text.
        """
        if not 0 <= offset <= len(self.text):
            raise BadInput(f"offset {offset} is outside the text of {len(self.text)} characters")
        self._reach_offset(offset)
        line = bisect_right(self._starts, offset) - 1
        end = min(offset, self._content_end(line))
        return line, encoding.units(self.text[self._starts[line] : end])

    def _content_end(self, line: int) -> int:
        """Where the line's text ends, before its break."""
        found = _BREAK.search(self.text, self._starts[line])
        return found.start() if found else len(self.text)

    def _reach_line(self, line: int) -> bool:
        """Find starts up to `line`; False if the text has fewer lines."""
        while len(self._starts) <= line:
            if not self._find_next():
                return False
        return True

    def _reach_offset(self, offset: int) -> None:
        while self._starts[-1] <= offset and self._find_next():
            pass

    def _find_next(self) -> bool:
        if self._complete:
            return False
        found = _BREAK.search(self.text, self._starts[-1])
        if found is None:
            self._complete = True
            return False
        self._starts.append(found.end())
        return True


def _advance(text: str, start: int, end: int, units: int, encoding: Encoding) -> int:
    """The offset `units` after `start`, at most `end`; chunk by chunk, then character by character."""
    if encoding is Encoding.UTF_32:
        return min(start + units, end)
    at, left = start, units
    while at < end:
        chunk = text[at : min(at + _CHUNK, end)]
        length = encoding.units(chunk)
        if length > left:
            return at + _characters(chunk, left, encoding)
        at += len(chunk)
        left -= length
    return end


def _characters(chunk: str, units: int, encoding: Encoding) -> int:
    """How many whole characters of `chunk` fit into `units`."""
    if chunk.isascii():
        return units
    used = 0
    for count, char in enumerate(chunk):
        used += encoding.units(char)
        if used > units:
            return count
    return len(chunk)
