"""Making a model's fill fit its hole: nothing repeated, brackets balanced, indentation right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsp_server.core.text import indent_width, indentation, leading, newline_of, plain_newlines, retab
from lsp_server.core.types import Span
from lsp_server.syntax.balance import close_open, cut_surplus
from lsp_server.syntax.extent import Extent, ExtentKind
from lsp_server.syntax.lexer import lex, string_end
from lsp_server.syntax.overlap import cut_repeated_lines, cut_rest
from lsp_server.syntax.owed import Owed, owed_at
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.places import Place, closes_block, lacks_closer, opens_block, place_at

_GOES_ON = re.compile(r"\s*(?:else|elif|elsif|elseif|rescue|ensure|catch|finally|except|when|case|default)\b")
_BLANK_LINE = re.compile(r"\n[ \t]*(?=\n)")


@dataclass(frozen=True, slots=True)
class _Site:
    """The hole as trimming sees it."""

    parsed: Parsed
    place: Place
    owed: Owed
    extent: Extent | None

    @property
    def opener(self) -> str:
        """The line whose block the hole may be in."""
        return self.place.prefix if self.place.prefix.strip() else self.place.above


def trim_fill(parsed: Parsed, hole: Span, fill: str, extent: Extent | None = None) -> str:
    """What of `fill` should replace `hole`.

    Dropped is what the text right of the hole says already (closing brackets,
    the rest of the line, whole lines), what reaches beyond `extent`, and blank
    lines at the end; added are closers of what the fill itself opens, missing
    indentation of its first line, and the document's newlines. A fill that
    begins with the text in the hole, as half-typed words do, keeps it untouched.
    Reads only a window around the hole.
    """
    stands = parsed.text[hole.start : hole.end]
    begun = stands if fill.startswith(stands) else ""
    ending = ""
    if stands.endswith("\n") and not begun:
        ending = "\r\n" if stands.endswith("\r\n") else "\n"
    inner = Span(hole.start + len(begun), hole.end - len(ending))
    site = _Site(parsed, place_at(parsed, inner), owed_at(parsed, inner), extent)
    text = plain_newlines(fill[len(begun) :])
    for step in (_retabbed, _within_extent, _not_repeating, _within_string, _balanced, _indented, _tidied):
        text = step(text, site)
    newline = newline_of(parsed.text, inner.start)
    return begun + text.replace("\n", newline) + ending


def _within_string(fill: str, site: _Site) -> str:
    """Up to the end of the string the hole lies in, if that string is closed behind the hole."""
    quote, language = site.owed.quote, site.parsed.language
    if quote is None or not site.owed.quote_closed:
        return fill
    end = string_end(fill, language, quote)
    if end is None or lex(fill, language, quote).quote == quote:
        return fill
    return fill[:end]


def _retabbed(fill: str, site: _Site) -> str:
    """Indented by tabs or blanks, as the text around it is."""
    unit, near = site.place.unit, leading(site.place.prefix) or leading(site.place.above)
    other = " " if unit == "\t" else "\t"
    return retab(fill, unit) if unit and other not in near else fill


def _within_extent(fill: str, site: _Site) -> str:
    extent = site.extent
    if extent is None:
        return fill
    if not extent.multi_line:
        return fill.partition("\n")[0]
    if extent.kind is ExtentKind.STATEMENT:
        fill = _paragraph(fill, extent.min_indent or 0)
    lines = fill.split("\n")
    end = next((index for index in range(1, len(lines)) if _leaves(lines[index], extent)), len(lines))
    lines = lines[:end]
    if extent.kind is ExtentKind.BODY and lacks_closer(site.parsed, site.place, site.opener):
        lines = _to_closer(lines, site)
    return "\n".join(lines[: extent.max_lines])


def _leaves(line: str, extent: Extent) -> bool:
    return bool(line.strip()) and indent_width(line) < (extent.min_indent or 0)


def _paragraph(fill: str, indent: int) -> str:
    """Up to the first blank line after which the block goes on with something else."""
    for match in _BLANK_LINE.finditer(fill.rstrip()):
        after = fill[match.end() :].lstrip("\n")
        if fill[: match.start()].strip() and indent_width(after) <= indent:
            return fill[: match.start()]
    return fill


def _to_closer(lines: list[str], site: _Site) -> list[str]:
    """Up to and with the line that closes the block which nothing behind the hole closes."""
    outer = indent_width(site.opener)
    for index in range(1, len(lines)):
        line = lines[index]
        if not line.strip() or indent_width(line) > outer or _GOES_ON.match(line):
            continue
        if not closes_block(site.parsed, line):
            return lines[:index]
        if not opens_block(site.parsed, line):
            return lines[: index + 1]
    return lines


def _not_repeating(fill: str, site: _Site) -> str:
    return cut_rest(cut_repeated_lines(fill, site.place), site.parsed, site.place, site.owed)


def _balanced(fill: str, site: _Site) -> str:
    fill = cut_surplus(fill, site.parsed, site.owed)
    if not fill.strip():
        return ""
    return close_open(fill.rstrip("\n"), site.parsed, site.owed, site.place)


def _indented(fill: str, site: _Site) -> str:
    """With the first line at its column, whether or not the fill repeats or lacks the indentation."""
    prefix, above = site.place.prefix, site.place.above
    if prefix.strip() or not fill.strip() or fill.startswith("\n"):
        return fill
    column, written = len(prefix), indent_width(fill)
    opens, outer = opens_block(site.parsed, above), indent_width(above)
    if column and written and (column > outer or not opens) and column + written > outer:
        return fill.lstrip(" \t")
    first = fill.partition("\n")[0]
    if site.extent is None or site.extent.min_indent is None or closes_block(site.parsed, first):
        return fill
    unit = site.place.unit or "    "
    wanted = outer + len(unit) if opens and column <= outer else site.extent.min_indent
    return indentation(wanted - column - written, unit) + fill


def _tidied(fill: str, site: _Site) -> str:
    """Without blanks at the end, unless the closing bracket behind the hole needs a line of its own."""
    rest, prefix = site.place.rest, site.place.prefix
    if not fill.strip():
        return ""
    if fill.startswith("\n") and prefix.strip() and closes_block(site.parsed, rest):
        return fill.rstrip() + "\n" + leading(prefix)
    padded = fill[0].isspace() or prefix[-1:].isspace()
    if not rest.strip() or rest[0].isspace() or (closes_block(site.parsed, rest) and not padded):
        return fill.rstrip()
    return fill
