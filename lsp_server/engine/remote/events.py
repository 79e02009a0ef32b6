"""What OpenAI-style servers send: whole bodies, or server-sent events with a piece each.

https://platform.openai.com/docs/api-reference/completions and
https://html.spec.whatwg.org/multipage/server-sent-events.html. vLLM, SGLang, llama.cpp's server and
Inception differ in what they leave out, so nothing but `choices` is taken for granted.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import Alternative
from lsp_server.engine.protocol import DOUBTFUL, Piece

MOST_BYTES = 4 << 20
"""Of one event or body."""
_DONE = "[DONE]"


class Logprobs(msgspec.Struct, frozen=True):
    """The tokens of a piece, natural logarithms of their probabilities, and the likeliest others."""

    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """One answer or one more piece of it; `delta` or `message` in chat, else `text`."""

    index: int = 0
    text: str | None = None
    delta: _Delta | None = None
    message: _Delta | None = None
    logprobs: Any = None
    finish_reason: str | None = None

    @property
    def written(self) -> str:
        """The text of this piece."""
        chat = self.delta or self.message
        return (self.text if chat is None else chat.content) or ""


class _Cached(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None


class Usage(msgspec.Struct, frozen=True):
    """Tokens read and written."""

    prompt_tokens: int = 0
    completion_tokens: int | None = None
    cached_input_tokens: int | None = None
    prompt_tokens_details: _Cached | None = None

    @property
    def cached(self) -> int:
        """Tokens of the prompt that were not computed anew, as far as the server tells."""
        details = self.prompt_tokens_details
        return self.cached_input_tokens or (details.cached_tokens if details else None) or 0


class Event(msgspec.Struct, frozen=True):
    """A body, or one event of a stream."""

    choices: list[Choice] = []
    usage: Usage | None = None
    error: Any = None


_EVENT = msgspec.json.Decoder(Event)


async def events_of(chunks: AsyncIterator[bytes], *, streamed: bool) -> AsyncIterator[Event]:
    """The events of a stream up to its end, or the one event that a whole body is.

    Raises:
        EngineFailed: what came makes no sense, is too long, or is an error.
    """
    if not streamed:
        body = b""
        async for chunk in chunks:
            body = _room(body + chunk)
        yield _event(body)
        return
    async for data in _data(chunks):
        if data.strip() == _DONE:
            return
        yield _event(data.encode())


async def _data(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The `data` of each event; other fields and comments mean nothing here."""
    rest, data = b"", list[str]()
    async for chunk in chunks:
        *lines, rest = _room(rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        if rest.endswith(b"\r"):  # half of a line end, perhaps
            rest = rest[:-1] + b"\r"
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip("\r")
            if text.startswith("data:"):
                data.append(text[5:].removeprefix(" "))
            elif not text and data:
                yield "\n".join(data)
                data = []
    if data:
        yield "\n".join(data)


def pieces_of(logprobs: object, alone: frozenset[str]) -> list[Piece] | None:
    """The tokens that one event tells of; None if it does not tell them all.

    They may be ahead of its text, of which servers hold back what could begin a stop text. `alone`
    are texts of tokens that are no text of their own.
    """
    try:
        told = msgspec.convert(logprobs, Logprobs)
    except msgspec.ValidationError:
        return None
    tokens, chances, tops = told.tokens or [], told.token_logprobs or [], told.top_logprobs or []
    if not tokens or len(tokens) != len(chances):
        return None
    found = []
    for at, (token, chance) in enumerate(zip(tokens, chances, strict=True)):
        if chance is None:
            return None
        others = (tops[at] if at < len(tops) else None) or {}
        found.append(_piece(token, chance, others, alone))
    return found


def spelling(pieces: Sequence[Piece], text: str) -> tuple[Piece, ...] | None:
    """The pieces that spell `text`; None if they do not. One that is cut short has no alternatives."""
    if not "".join(piece.text for piece in pieces).startswith(text):
        return None
    kept, at = list[Piece](), 0
    for piece in pieces:
        if at >= len(text):
            break
        room = len(text) - at
        kept.append(piece if len(piece.text) <= room else Piece(piece.text[:room], piece.confidence))
        at += len(piece.text)
    return tuple(kept)


def _piece(token: str, chance: float, others: dict[str, float], alone: frozenset[str]) -> Piece:
    confidence = _probability(chance)
    if confidence >= DOUBTFUL:
        return Piece(token, confidence)
    likeliest = sorted(others.items(), key=lambda each: -each[1])
    alternatives = tuple(
        Alternative(text, _probability(value))
        for text, value in likeliest
        if text and text != token and text not in alone and "\N{REPLACEMENT CHARACTER}" not in text
    )
    return Piece(token, confidence, alternatives=alternatives)


def _probability(chance: float) -> float:
    return min(1.0, math.exp(min(0.0, chance)))


def _event(data: bytes) -> Event:
    try:
        event = _EVENT.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise EngineFailed("the server's answer makes no sense", hint="Check engine.kind.") from error
    if event.error:
        from lsp_server.engine.remote.failures import said_in

        raise EngineFailed(f"the server broke off: {said_in(data) or 'it does not say why'}")
    return event


def _room(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise EngineFailed("the server's answer is too long")
    return data
