"""From a fill to the edits that put it into the document."""

from __future__ import annotations

import re

from lsp_server.core.diff import minimal_edits
from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import Edit
from lsp_server.engine.protocol import HoleFill, Stop
from lsp_server.service.plan import indent_at
from lsp_server.service.postprocess import finished_part
from lsp_server.service.prompt import Prompt, Target, unix, with_line_ends
from lsp_server.service.reshape import reshape
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.trim import trim_fill

NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class Unfinished(EngineFailed):
    """A rewrite that was cut short."""


def written_fresh(
    parsed: Parsed, prompt: Prompt, index: int, target: Target, fill: HoleFill
) -> tuple[Edit, ...]:
    """The edit that puts a fill in the place of a body or a marker."""
    text = prompt.written(index, fill.text) or ""
    if fill.stop is Stop.LENGTH:  # one whose time was up has whole lines, if it has any
        text = finished_part(text)
    text = trim_fill(parsed, target.span, text)
    if not text.strip():
        return ()
    written = with_line_ends(target.kept, crlf=prompt.crlf) + text
    return minimal_edits(parsed.text[target.span.start : target.span.end], written, at=target.span.start)


def written_token(parsed: Parsed, target: Target, fill: HoleFill) -> tuple[Edit, ...]:
    """The edit that puts another name in a name's place; none for what is no name or the same one."""
    found = NAME.match(fill.text.strip())
    text = found[0] if found else ""
    present = parsed.text[target.span.start : target.span.end]
    return (Edit(target.span, text),) if text and text != present else ()


def written_anew(
    parsed: Parsed, prompt: Prompt, _index: int, target: Target, fill: HoleFill
) -> tuple[Edit, ...]:
    """The line edits that turn a selection into its rewrite.

    Raises:
        Unfinished: it was cut short, so that its end is missing.
    """
    if fill.stop in {Stop.BUDGET, Stop.LENGTH}:
        raise Unfinished(
            "the rewrite was not finished in the time and length it may take",
            hint="Select fewer lines or raise rewrite.budgetMs and rewrite.maxTokens.",
        )
    start = target.span.start
    original = parsed.text[start : target.span.end]
    first = start + len(original) - len(original.lstrip())
    written = reshape(unix(original), fill.text, indent_at(parsed.text, first))
    return minimal_edits(original, with_line_ends(written, crlf=prompt.crlf), at=start)
