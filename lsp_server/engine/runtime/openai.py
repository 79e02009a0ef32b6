"""OpenAI's `/v1/completions` with `suffix`, as other editors' plugins speak it, on top of fills.

https://platform.openai.com/docs/api-reference/completions. Differences: decoding is
greedy unless a temperature is given, and fields not named here are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from lsp_server.core.healing import half_typed
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import (
    CellState,
    Count,
    FillRequest,
    FillResult,
    FrameEvent,
    Hole,
    HoleFill,
    Sampling,
    Stop,
)

_FIXED = {CellState.COMMITTED, CellState.LOCKED}
_UNFINISHED = "\N{REPLACEMENT CHARACTER}"
"""Stands for a token that holds only some bytes of a character."""
DONE = b"data: [DONE]\n\n"


class CompletionRequest(msgspec.Struct, frozen=True):
    """The body of a request. `suffix` is the text right of the gap."""

    prompt: str
    suffix: str | None = None
    max_tokens: Count | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0.0, le=4.0)] | None = None
    stop: str | Annotated[tuple[str, ...], msgspec.Meta(max_length=16)] | None = None
    stream: bool | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=8)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    model: str | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop strings, without empty ones."""
        given = (self.stop,) if isinstance(self.stop, str) else self.stop or ()
        return tuple(stop for stop in given if stop)

    @property
    def live(self) -> bool:
        """Whether text is sent while it is denoised: not of several choices, whose order shows at the end."""
        return bool(self.stream) and (self.n or 1) == 1

    def fill_request(self) -> FillRequest:
        """One empty hole between prompt and suffix."""
        at = len(self.prompt)
        hole = Hole(start=at, end=at, max_lines=1 if "\n" in self.stops else None)
        if self.max_tokens is not None:
            hole = msgspec.structs.replace(hole, max_tokens=self.max_tokens)
        return FillRequest(
            text=self.prompt + (self.suffix or ""),
            holes=(hole,),
            client="openai",
            sampling=Sampling(temperature=self.temperature or 0.0, seed=self.seed or 0),
            candidates=self.n or 1,
            frames=self.live,
        )


class Choice(msgspec.Struct, frozen=True):
    """One answer, or one more piece of it."""

    text: str
    index: int = 0
    logprobs: None = None
    finish_reason: str | None = None


class Usage(msgspec.Struct, frozen=True):
    """Tokens read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(msgspec.Struct, frozen=True):
    """The answer's body, or one event of the stream."""

    id: str
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: Usage | None = None
    object: str = "text_completion"


@dataclass(frozen=True, slots=True)
class Answer:
    """What all bodies of one answer share."""

    id: str
    created: int
    model: str

    def body(self, choices: Sequence[Choice], figures: FillFigures | None = None) -> Completion:
        """A body with these choices."""
        usage = None if figures is None else _usage(figures)
        return Completion(self.id, self.created, self.model, tuple(choices), usage)


def choices_of(request: CompletionRequest, result: FillResult) -> Iterator[Choice]:
    """A choice for each candidate, best first, cut at the stop strings."""
    for index, candidate in enumerate(result.candidates):
        fill = candidate.fills[0]
        text = cut_at(fill.text, request.stops)
        yield Choice(text, index, finish_reason=_reason(fill, text))


def cut_at(text: str, stops: Sequence[str]) -> str:
    """The text before the first stop string in it."""
    return re.split("|".join(map(re.escape, stops)), text, maxsplit=1)[0] if stops else text


class Deltas:
    """Turns frames into pieces of text that no later step can take back.

    Only whole lines are sent before the end, because what follows the last line break
    may still be cut off, and of these no characters that may turn out to begin a stop string.
    """

    def __init__(self, request: CompletionRequest) -> None:
        length = half_typed(request.prompt)
        self._head = request.prompt[len(request.prompt) - length :]
        self._stops = request.stops
        self._margin = max(map(len, self._stops), default=1) - 1
        self._sent = ""

    def piece(self, frame: FrameEvent) -> str:
        """What can be sent now; often nothing."""
        text = _committed(frame)
        if frame.candidate or not text.startswith(self._head):
            return ""
        text = text[len(self._head) :]
        sure = text[: max(0, min(text.rfind("\n"), len(text) - self._margin))]
        return self._send(min(sure, cut_at(text, self._stops), key=len))

    def rest(self, text: str) -> str:
        """What is still to be sent, now that the whole text is known."""
        return self._send(text)

    def _send(self, text: str) -> str:
        if not text.startswith(self._sent):
            return ""
        piece = text[len(self._sent) :]
        self._sent = text
        return piece


def sse(body: object) -> bytes:
    """One server-sent event."""
    return b"data: " + msgspec.json.encode(body) + b"\n\n"


def _committed(frame: FrameEvent) -> str:
    text = ""
    for cell in frame.cells:
        if cell.state not in _FIXED or _UNFINISHED in cell.text:
            break
        text += cell.text
    return text


def _reason(fill: HoleFill, text: str) -> str:
    ended = fill.stop in {Stop.END, Stop.LINES} or len(text) < len(fill.text)
    return "stop" if ended else "length"


def _usage(figures: FillFigures) -> Usage:
    read, written = figures.context_tokens, figures.tokens
    return Usage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)
