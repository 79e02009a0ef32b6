"""Handing over what came of a fill or a rewrite: as text, as a diff, as JSON, or into the file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from lsp_server.commands._session import Onlooker
from lsp_server.commands._source import Source
from lsp_server.core.edits import apply_together
from lsp_server.core.types import Edit, Span


class Choice(msgspec.Struct, frozen=True):
    """One of several fills; `confidence`: how likely its first line is right."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The edits that were found, the text they put in place, and the other choices there were."""

    edits: tuple[Edit, ...]
    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """How the user wants it."""

    diff: bool
    as_json: bool
    in_place: bool


class Report(msgspec.Struct, frozen=True):
    """What `--json` prints. `latency_ms` is the engine's time, without its start."""

    text: str
    diff: str
    choices: tuple[Choice, ...]
    latency_ms: float
    forwards: float
    tokens: int
    context_tokens: int
    cached_tokens: int
    model: str
    adapter_sha256: str


def deliver(source: Source, answer: Answer, seen: Onlooker, wish: Wish) -> None:
    """Write the file if wished, and print.

    Raises:
        BadInput: the file cannot be written, or changed meanwhile.
    """
    if wish.in_place:
        source.write(source.edited(answer.edits))
    if wish.as_json:
        _put(msgspec.json.format(msgspec.json.encode(_report(source, answer, seen)), indent=2) + b"\n")
    elif wish.diff:
        _put(source.diff(answer.edits).encode())
    elif source.piped:
        _put(source.encoded(source.edited(answer.edits)))
    elif not wish.in_place:
        _put("".join(_ended(text) for text in _texts(answer)).encode())


def region(text: str, span: Span, edits: Sequence[Edit]) -> str:
    """What stands after `edits` where `span` was, and where they reached beyond it."""
    start = min([span.start, *(edit.span.start for edit in edits)])
    end = max([span.end, *(edit.span.end for edit in edits)])
    return apply_together(text[start:end], [Edit(edit.span.shifted(-start), edit.text) for edit in edits])


def _texts(answer: Answer) -> list[str]:
    if len(answer.choices) < 2:
        return [answer.text]
    return [f"--- {each.confidence:.2f}\n{_ended(each.text)}" for each in answer.choices]


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _report(source: Source, answer: Answer, seen: Onlooker) -> Report:
    figures, last = seen.figures, seen.results[-1] if seen.results else None
    return Report(
        text=answer.text,
        diff=source.diff(answer.edits),
        choices=answer.choices,
        latency_ms=round(figures.latency_ms, 1),
        forwards=figures.forwards,
        tokens=figures.tokens,
        context_tokens=figures.context_tokens,
        cached_tokens=figures.cached_tokens,
        model=last.model if last else "",
        adapter_sha256=last.adapter if last else "",
    )


def _put(data: bytes) -> None:
    """Bytes as they are: a text layer would change line ends on Windows."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
