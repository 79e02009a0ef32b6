"""Rewriting by instruction: what the model is told, and where its answer ends."""

from __future__ import annotations

import textwrap

SYSTEM = "You are a careful programmer. You answer with code only."
FENCE = "\n```"
"""The line that ends an answer."""
_AROUND = 1200
"""Characters of surrounding code shown on each side."""


def instruction_parts(
    *, language: str, before: str, selected: str, after: str, instruction: str
) -> tuple[str, str]:
    """The user's message and the start of the answer.

    The selection is shown dedented; `restore_indent` puts its indentation back.
    """
    name = "" if language == "plaintext" else language
    around = f"{before[-_AROUND:]}<selection>{after[:_AROUND]}".strip("\n")
    context = f"The code around it:\n```{name}\n{around}{FENCE}\n\n" if (before + after).strip() else ""
    user = (
        f"{context}This is the code <selection>:\n```{name}\n{dedented(selected)}{FENCE}\n\n"
        f"{instruction.strip()}\n\nAnswer with the new code for <selection> only, in one code block."
    )
    return user, f"```{name}\n"


def dedented(selected: str) -> str:
    """The selection without its common indentation and without line breaks at its ends."""
    return textwrap.dedent(selected.replace("\r\n", "\n")).strip("\n")


def without_surroundings(answer: str, before: str, after: str) -> str:
    """The answer without the lines around the selection that the model repeated, dedented again."""
    lines = answer.split("\n")
    above = [line.strip() for line in before.split("\n") if line.strip()]
    below = [line.strip() for line in after.split("\n") if line.strip()]
    count = next(
        (n for n in range(min(len(above), len(lines) - 1), 0, -1) if _same(lines[:n], above[-n:])), 0
    )
    lines = lines[count:]
    count = next(
        (n for n in range(min(len(below), len(lines) - 1), 0, -1) if _same(lines[-n:], below[:n])), 0
    )
    return textwrap.dedent("\n".join(lines[: len(lines) - count]))


def _same(lines: list[str], stripped: list[str]) -> bool:
    return [line.strip() for line in lines] == stripped


def restore_indent(answer: str, selected: str) -> str:
    """The answer indented as `selected` was, ending as it ended."""
    lines = [line for line in selected.splitlines() if line.strip()]
    indents = [line[: len(line) - len(line.lstrip())] for line in lines]
    indent = min(indents, key=len, default="")
    text = textwrap.indent(answer.strip("\n"), indent)
    ending = selected[len(selected.rstrip("\r\n")) :]
    return text + ending.replace("\r\n", "\n")
