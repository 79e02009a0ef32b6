"""Rewriting by instruction: what the model is told, and where its answer ends."""

from __future__ import annotations

import textwrap

from lsp_server.core.types import Span
from lsp_server.engine.protocol import Example

SYSTEM = "You are a careful programmer. You answer with code only."
FENCE = "\n```"
"""The line that ends an answer."""


def instruction_parts(
    *, language: str, selected: str, instruction: str, answered_in: str = ""
) -> tuple[str, str]:
    """The user's message and the start of the answer.

    The selection is shown dedented; `restore_indent` puts its indentation back. The
    default model is small: shown the surrounding code too, it rewrote that instead, and
    longer wordings of the task did worse than none (docs/LOG.md). The answer may be in another language.
    """
    name = _fence(language)
    start = f"```{_fence(answered_in or language)}\n"
    return f"{instruction.strip()}\n```{name}\n{dedented(selected)}{FENCE}", start


def solved(example: Example | None, instruction: str, language: str) -> tuple[str, str] | None:
    """The messages of an example: the user's, and the answer in `language`."""
    if example is None:
        return None
    user, start = instruction_parts(
        language=example.language, selected=example.before, instruction=instruction, answered_in=language
    )
    return user, f"{start}{example.after}{FENCE}"


def _fence(language: str) -> str:
    """What stands behind a fence that opens code of a language."""
    return "" if language == "plaintext" else language


def dedented(selected: str) -> str:
    """The selection without its common indentation and without line breaks at its ends."""
    return textwrap.dedent(selected.replace("\r\n", "\n")).strip("\n")


def in_dedented(selected: str, span: Span) -> Span:
    """Where a span of the selection stands in `dedented` of it."""
    return Span(_dedented_to(selected, span.start), _dedented_to(selected, span.end))


def _dedented_to(selected: str, offset: int) -> int:
    text = selected.replace("\r\n", "\n")
    offset -= selected.count("\r\n", 0, offset)
    lines, shown = text.split("\n"), textwrap.dedent(text)
    lead = len(shown) - len(shown.lstrip("\n"))
    at = -lead
    for line, short in zip(lines, shown.split("\n"), strict=True):
        if offset <= len(line):
            gone = len(line) - len(short)
            return min(max(0, at + max(0, offset - gone)), len(shown.strip("\n")))
        offset -= len(line) + 1
        at += len(short) + 1
    return len(shown.strip("\n"))


def without_surroundings(answer: str, before: str, after: str) -> str:
    """The answer without the lines around the selection that the model repeated, dedented again."""
    lines = answer.split("\n")
    lines = lines[_repeated(lines, before.split("\n")[::-1]) :]
    end = len(lines) - _repeated(lines[::-1], after.split("\n"))
    return textwrap.dedent("\n".join(lines[:end]))


def _repeated(lines: list[str], around: list[str]) -> int:
    """How many of the first `lines` repeat what stands around, nearest line of `around` first.

    Blank lines and indentation do not count; something of the answer is always left.
    """
    coded = [index for index, line in enumerate(lines) if line.strip()]
    near = [line.strip() for line in around if line.strip()]
    for count in range(min(len(coded) - 1, len(near)), 0, -1):
        if [lines[index].strip() for index in coded[:count]] == near[:count][::-1]:
            return coded[count]
    return 0


def restore_indent(answer: str, selected: str) -> str:
    """The answer indented as `selected` was, ending as it ended."""
    lines = [line for line in selected.splitlines() if line.strip()]
    indents = [line[: len(line) - len(line.lstrip())] for line in lines]
    indent = min(indents, key=len, default="")
    text = textwrap.indent(answer.strip("\n"), indent)
    ending = selected[len(selected.rstrip("\r\n")) :]
    return text + ending.replace("\r\n", "\n")
