"""What a rewrite asks of the model: which spans become holes, and what is said about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import RewriteSettings
from lsp_server.core.text import indent_width, leading, line_end, line_start
from lsp_server.core.types import Document, Span
from lsp_server.service.prompt import Target
from lsp_server.syntax.holes import MarkedHole, body_at, find_holes, node_around
from lsp_server.syntax.parse import Parsed

PRESET = "Simplify this code without changing what it does."
"""The instruction when none is given."""
CHARS_PER_TOKEN = 3.5
MOST_HOLES = 8
MOST_APART = 4_000
"""Holes and characters between the first and the last that share one request."""
HOLE_TOKENS = 160
EXPRESSION_TOKENS = 32

_DOCSTRING = re.compile(r"""[rRuUbB]{0,2}(\"{3}|'{3}).*?\1[ \t]*;?""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Plan:
    """One request: targets in order. Without `fresh` the result replaces what stands there line by line."""

    targets: tuple[Target, ...]
    instruction: str | None = None
    fresh: bool = True

    @property
    def span(self) -> Span:
        """From the first target to the last."""
        return Span(self.targets[0].span.start, self.targets[-1].span.end)

    def avoiding(self, fills: Iterable[str]) -> Plan:
        """The same plan with one more rejected fill per target."""
        pairs = zip(self.targets, fills, strict=True)
        targets = tuple(replace(target, avoid=(*target.avoid, fill)) for target, fill in pairs)
        return replace(self, targets=targets)


def plan_rewrite(
    document: Document,
    parsed: Parsed,
    span: Span,
    settings: RewriteSettings,
    *,
    instruction: str | None,
    strength: float | None,
) -> Plan:
    """Rewrite the statements around `span`: in words, or without by masking a share of the tokens.

    Raises:
        BadInput: nothing but white space is selected, or more than a rewrite may write.
    """
    whole = node_around(parsed, span)
    present = document.text[whole.start : whole.end]
    if not present.strip():
        raise BadInput("nothing is selected to rewrite", hint="Select the code to rewrite.")
    if len(present) / CHARS_PER_TOKEN > settings.max_tokens:
        raise BadInput(
            f"the selection is longer than the {settings.max_tokens} tokens a rewrite may write",
            hint="Select fewer lines or raise the setting rewrite.maxTokens.",
        )
    share = settings.strength if strength is None else strength
    if not 0.0 <= share <= 1.0:
        raise BadInput(f"strength must lie between 0 and 1, not {share}")
    said = instruction.strip() if instruction else ""
    polish = not said and share < 1.0
    target = Target(
        whole,
        present=present,
        healed=False,
        strength=share if polish else 1.0,
        max_tokens=settings.max_tokens,
    )
    return Plan((target,), None if polish else said or PRESET, fresh=False)


def plan_body(document: Document, parsed: Parsed, span: Span, settings: RewriteSettings) -> Plan | None:
    """Write the body of the innermost function around `span` anew, behind its docstring; None outside one."""
    body = body_at(parsed, span)
    if body is None:
        return None
    indent = indent_at(document.text, body.start)
    kept = ""
    docstring = _DOCSTRING.match(document.text, body.start, body.end)
    if docstring and parsed.language.id == "python":
        rest = document.text[docstring.end() : body.end]
        kept = "" if rest.strip() else f"\n{indent}"
        gap = len(rest) - len(rest.lstrip()) if rest.strip() else 0
        body = Span(docstring.end() + gap, body.end)
    target = Target(body, kept, max_tokens=settings.max_tokens, min_indent=indent_width(indent))
    return Plan((target,))


def plan_holes(document: Document, parsed: Parsed, within: Span | None) -> Iterator[Plan]:
    """Fill every marked hole in `within`; neighbours share a request and see each other's fills."""
    group: list[Target] = []
    for marked in find_holes(parsed, within):
        target = _marked(document, parsed, marked)
        if group and (len(group) == MOST_HOLES or target.span.end - group[0].span.start > MOST_APART):
            yield Plan(tuple(group))
            group = []
        group.append(target)
    if group:
        yield Plan(tuple(group))


def _marked(document: Document, parsed: Parsed, marked: MarkedHole) -> Target:
    """A hole in the marker's place; its instruction stays before it as an ordinary comment."""
    text, start = document.text, marked.span.start
    if marked.kind == "marker" and not marked.instruction:
        return Target(marked.span, max_tokens=EXPRESSION_TOKENS, max_lines=1)
    indent = indent_at(text, start)
    comment, said, kept = parsed.language.line_comment, marked.instruction, ""
    if comment and said:
        kept = f"{comment} {said}\n{indent}"
    return Target(marked.span, kept=kept, max_tokens=HOLE_TOKENS, min_indent=indent_width(indent))


def indent_at(text: str, offset: int) -> str:
    """The white space at the start of the line that holds `offset`."""
    return leading(text[line_start(text, offset) : line_end(text, offset)])
