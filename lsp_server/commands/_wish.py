"""What `remask rewrite` is asked to do, from its options."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

import typer

from lsp_server.commands._place import LinesPlace, span_of
from lsp_server.commands._source import Source
from lsp_server.core.text import line_start
from lsp_server.core.types import Span
from lsp_server.service.tasks import TASKS
from lsp_server.service.wish import Wish
from lsp_server.syntax.locks import Lock

_LINES = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


def wish_of(
    source: Source,
    instruction: str | None,
    strength: float | None,
    task: str | None,
    lock: str | None,
    keep: Sequence[str],
    to: str | None,
) -> Wish:
    """The options as a wish.

    Raises:
        typer.BadParameter: a task, a kind or lines that there are not, or two tasks at once.
    """
    if to and task:
        raise typer.BadParameter("--to is a task of its own: leave --task out")
    if task and task not in TASKS:
        raise typer.BadParameter(f"there is no task {task!r}: tasks are {', '.join(TASKS)}")
    if task == "translate":
        raise typer.BadParameter("say --to and a language, as in --to go")
    kinds = [each.strip() for each in (lock or "").split(",") if each.strip()]
    if unknown := [each for each in kinds if each not in [*Lock]]:
        raise typer.BadParameter(f"{unknown[0]!r} cannot be locked: {', '.join(Lock)} can")
    return Wish(
        instruction=instruction or "",
        strength=strength,
        task="translate" if to else task or "",
        lock=frozenset(Lock(each) for each in kinds),
        locked=tuple(_lines(source, each) for each in keep),
        source=source.document.language if to else "",
    )


def aside_of(source: Source, span: Span, language: str | None) -> tuple[Source, Span]:
    """The lines of `span` as a document of their own, in which the answer is written."""
    document = source.document
    start = line_start(document.text, span.start)
    lines = textwrap.dedent(document.text[start : span.end]).strip("\r\n") + "\n"
    aside = replace(document, text=lines, language=language or document.language, path=None)
    return replace(source, document=aside), Span(0, len(lines))


def _lines(source: Source, written: str) -> Span:
    found = _LINES.fullmatch(written)
    if found is None:
        raise typer.BadParameter(f"{written!r} are no lines: write START-END, from 1 on")
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last:
        raise typer.BadParameter(f"there are no lines from {first} to {last}: they count from 1 upwards")
    return span_of(source.document.text, LinesPlace(source.name, (first, last)))
