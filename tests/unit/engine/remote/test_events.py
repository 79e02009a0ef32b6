from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import Alternative
from lsp_server.engine.protocol import Piece
from lsp_server.engine.remote.events import Event, events_of, pieces_of, spelling

CHUNK = {"choices": [{"index": 0, "text": "é\u2028", "finish_reason": None}]}


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(*parts: bytes, streamed: bool = True) -> list[Event]:
    return [event async for event in events_of(chunks(*parts), streamed=streamed)]


def line(event: object) -> bytes:
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"


@pytest.mark.asyncio
@given(st.lists(st.integers(0, 400)), st.sampled_from([b"\n", b"\r\n"]))
async def test_a_stream_is_read_wherever_it_is_cut(cuts: list[int], end: bytes) -> None:
    """In the middle of a character or a line end, with comments, other fields and what follows the end."""
    raw = b": hello\n\nevent: x\nid: 1\n" + line(CHUNK) * 2 + b"data:[DONE]\n\ndata: {\n\n"
    raw = raw.replace(b"\n", end)
    at = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    found = await read(*(raw[low:high] for low, high in pairwise(at)))
    assert [event.choices[0].written for event in found] == ["é\u2028", "é\u2028"]


@pytest.mark.asyncio
async def test_a_body_is_one_event() -> None:
    """From servers that do not stream; text, chat and usage of all kinds."""
    body = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}},
    }
    raw = json.dumps(body).encode()
    (event,) = await read(raw[:30], raw[30:], streamed=False)
    assert event.usage
    assert (event.choices[0].written, event.usage.cached) == ("hi", 4)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "raw", [b"data: {\n\n", b"data: []\n\n", b"data: \xff\n\n", line({"error": {"message": "boom"}})]
)
async def test_what_makes_no_sense_is_an_error(raw: bytes) -> None:
    """Also an error in the middle of a stream, whose words are told."""
    with pytest.raises(EngineFailed, match=r"boom|no sense"):
        await read(line(CHUNK), raw)


@pytest.mark.asyncio
async def test_a_line_without_end_is_not_kept_for_ever() -> None:
    """A server cannot fill the memory."""
    with pytest.raises(EngineFailed, match="too long"):
        await read(*[b"data: " + b"x" * 1_000_000] * 6)


def told(tokens: list[str], chances: list[float | None], tops: object = None) -> dict[str, Any]:
    return {"tokens": tokens, "token_logprobs": chances, "top_logprobs": tops}


def test_probabilities_become_pieces() -> None:
    """A doubtful token has the likeliest others, without itself, special tokens and half characters."""
    tops = [{" a": -0.01}, {"(": -1.2, "[": -0.9, "<eot>": -1.0, "\ufffd": -1.1, "": -0.1}]
    found = pieces_of(told([" a", "("], [-0.01, -1.2], tops), frozenset({"<eot>"}))
    assert found is not None
    sure, doubtful = found
    assert (sure.text, round(sure.confidence, 2), sure.alternatives) == (" a", 0.99, ())
    assert doubtful == Piece(
        "(", pytest.approx(0.301, abs=1e-3), alternatives=(Alternative("[", pytest.approx(0.407, abs=1e-3)),)
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "logprobs",
    [
        {},
        {"content": [{"token": "ab", "logprob": -0.1}]},
        told(["a", "b"], [-0.1]),
        told(["a", "b"], [-0.1, None]),
        "ab",
    ],
)
def test_what_is_not_told_is_not_known(logprobs: object) -> None:
    """No probability is made up, as for chat's other shape."""
    assert pieces_of(logprobs, frozenset()) is None


def test_pieces_spell_the_text_or_are_not_known() -> None:
    """Tokens may go on beyond it, as where a stop text was cut off; half characters do not spell it."""
    pieces = [Piece("a", 0.9), Piece(");\n", 0.4, alternatives=(Alternative(")", 0.3),))]
    assert spelling(pieces, "a);\n") == tuple(pieces)
    assert spelling(pieces, "a)") == (Piece("a", 0.9), Piece(")", 0.4))
    assert spelling(pieces, "a") == (Piece("a", 0.9),)
    assert spelling([Piece("\ufffd", 0.9), Piece("\ufffd", 0.9)], "é") is None
    assert spelling(pieces, "b") is None
