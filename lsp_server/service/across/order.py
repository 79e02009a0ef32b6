"""In which order marked holes are filled: what defines a name before what uses it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.types import Document, Span
from lsp_server.syntax.holes import find_holes
from lsp_server.syntax.members import class_around, name_of
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.signatures import Signature, signatures
from lsp_server.syntax.symbols import imported_names
from lsp_server.syntax.uses import call_around

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Place:
    """One marked hole: it helps to define the names `makes`, and what it is of `needs` others."""

    document: Document
    parsed: Parsed
    span: Span
    makes: frozenset[str]
    needs: frozenset[str]
    around: Span
    """The function it stands in, or its line."""
    called: str = ""
    """What is called with it as an argument."""


def places(document: Document, parsed: Parsed) -> tuple[Place, ...]:
    """The marked holes of a document, in its order."""
    functions = signatures(parsed)
    imported = frozenset(imported_names(parsed))
    return tuple(_place(document, parsed, each.span, functions, imported) for each in find_holes(parsed))


def in_order(found: Sequence[Place]) -> tuple[Place, ...]:
    """The places as they came, but each behind those that make what it needs; circles are cut."""
    done: dict[int, None] = {}
    under_way: set[int] = set()

    def visit(number: int) -> None:
        if number in done or number in under_way:
            return
        under_way.add(number)
        for other, place in enumerate(found):
            if other != number and place.makes & found[number].needs - found[number].makes:
                visit(other)
        under_way.discard(number)
        done[number] = None

    for number in range(len(found)):
        visit(number)
    return tuple(found[number] for number in done)


def _place(
    document: Document,
    parsed: Parsed,
    span: Span,
    functions: Sequence[Signature],
    imported: frozenset[str],
) -> Place:
    inside = [each for each in functions if each.span.start <= span.start and span.end <= each.span.end]
    holder = name_of(parsed, class_around(parsed, span.start))
    own = {each.called for each in inside} | {holder} - {""}
    text = document.text
    line = Span(text.rfind("\n", 0, span.start) + 1, _line_end(text, span.end))
    around = inside[-1].span if inside else line
    # a body may need anything that its file takes from others
    expression = line.start < span.start and text[line.start : span.start].strip()
    named = set(_NAME.findall(text[line.start : line.end]))
    needs = named if expression else imported | set(_NAME.findall(text[around.start : around.end]))
    makes = own if not expression or _in_header(inside, span) else frozenset[str]()
    call = call_around(parsed, span.start)
    words = _NAME.findall(text[around.start : call.span.start]) if call is not None else []
    called = words[-1] if words else ""
    return Place(document, parsed, span, frozenset(makes), frozenset(needs - own), around, called)


def _in_header(inside: Sequence[Signature], span: Span) -> bool:
    return any(each.brackets.start <= span.start and span.end <= each.brackets.end for each in inside)


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end
