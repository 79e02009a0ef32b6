"""What a rewrite asks of the model: which spans become holes, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lsp_server.context.tokens import chars_in
from lsp_server.core.errors import BadInput
from lsp_server.core.settings import RewriteSettings
from lsp_server.core.text import indent_unit, indent_width, leading, line_end, line_start
from lsp_server.core.types import Document, Span
from lsp_server.service.prompt import Target
from lsp_server.syntax.holes import MarkedHole, body_at, find_holes, node_around
from lsp_server.syntax.languages import Language, Style
from lsp_server.syntax.parse import Parsed

PRESET = "Simplify this code without changing what it does."
"""The instruction when none is given."""
MOST_HOLES = 8
MOST_APART = 4_000
"""Holes and characters between the first and the last that share one request."""
HOLE_TOKENS = 160
EXPRESSION_TOKENS = 32


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
    """Rewrite the statements around `span`: as the words say, masking a share of the tokens if it is below 1.

    Without words, all of it is simplified, or that share denoised for its own sake.

    Raises:
        BadInput: nothing but white space is selected, or more than a rewrite may write.
    """
    whole = node_around(parsed, span)
    present = document.text[whole.start : whole.end]
    if not present.strip():
        raise BadInput("nothing is selected to rewrite", hint="Select the code to rewrite.")
    if len(present) > chars_in(settings.max_tokens):
        raise BadInput(
            f"the selection is longer than the {settings.max_tokens} tokens a rewrite may write",
            hint="Select fewer lines or raise the setting rewrite.maxTokens.",
        )
    share = settings.strength if strength is None else strength
    if not 0.0 <= share <= 1.0:
        raise BadInput(f"strength must lie between 0 and 1, not {share}")
    said = instruction.strip() if instruction else ""
    target = Target(whole, present=present, healed=False, strength=share, max_tokens=settings.max_tokens)
    preset = PRESET if share == 1.0 else None
    return Plan((target,), said or preset, fresh=False)


def plan_body(document: Document, parsed: Parsed, span: Span, settings: RewriteSettings) -> Plan | None:
    """Write the body of the innermost function around `span` anew, behind its docstring; None outside one."""
    body = body_at(parsed, span)
    if body is None:
        return None
    text = document.text
    before = text[line_start(text, body.start) : body.start]
    own_line = not before.strip()
    target = Target(body, max_tokens=settings.max_tokens)
    if own_line:
        return Plan((replace(target, min_indent=indent_width(before)),))
    if parsed.language.style is not Style.INDENT:
        return Plan((target,))
    if len(body):
        return Plan((replace(target, max_lines=1),))
    deeper = indent_unit(text, body.start) if before.rstrip().endswith(":") else ""
    indent = leading(before) + deeper
    return Plan((replace(target, kept=f"\n{indent}", min_indent=len(indent)),))


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
    text, span = document.text, marked.span
    if text[span.start : span.end] == "___":
        return Target(span, max_tokens=EXPRESSION_TOKENS, max_lines=1)
    indent = indent_at(text, span.start)
    said = _comment(parsed.language, marked.instruction) if marked.instruction else ""
    kept = f"{said}\n{indent}" if said else ""
    return Target(span, kept, max_tokens=HOLE_TOKENS, min_indent=indent_width(indent))


def _comment(language: Language, words: str) -> str:
    """`words` as a comment; nothing in a language without comments."""
    if language.line_comment:
        return f"{language.line_comment} {words}"
    if language.block_comment:
        return f"{language.block_comment[0]} {words} {language.block_comment[1]}"
    return ""


def indent_at(text: str, offset: int) -> str:
    """The white space at the start of the line that holds `offset`."""
    return leading(text[line_start(text, offset) : line_end(text, offset)])
