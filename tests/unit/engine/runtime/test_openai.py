from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import Candidate, Cell, CellState, FillResult, FrameEvent, HoleFill, Stop
from lsp_server.engine.runtime.openai import (
    Answer,
    CompletionRequest,
    Deltas,
    choices_of,
    cut_at,
    sse,
)


def result(*texts: str, stop: Stop = Stop.END) -> FillResult:
    candidates = tuple(Candidate((HoleFill(text, stop),), 0.5) for text in texts)
    return FillResult(candidates, FillFigures(tokens=5, context_tokens=12), "m")


def frame(*tokens: str, masked: int = 0, candidate: int = 0) -> FrameEvent:
    cells = [Cell(token, CellState.COMMITTED) for token in tokens] + [Cell("", CellState.MASKED)] * masked
    return FrameEvent(0, 1, tuple(cells), candidate)


def test_prompt_and_suffix_stand_around_one_hole() -> None:
    """The hole is empty, at the end of the prompt, in code points."""
    body = CompletionRequest("x = \U0001f600(", suffix=")\n", max_tokens=7, temperature=0.5, seed=3, n=2)
    fill = body.fill_request()
    assert fill.text == "x = \U0001f600()\n"
    hole = fill.holes[0]
    assert (hole.start, hole.end, hole.max_tokens, hole.max_lines) == (6, 6, 7, None)
    assert (fill.sampling.temperature, fill.sampling.seed, fill.candidates) == (0.5, 3, 2)


def test_nulls_mean_defaults() -> None:
    """Plugins send null for what they do not set, and fields we do not know."""
    body = msgspec.json.decode(
        b'{"prompt": "a", "suffix": null, "max_tokens": null, "temperature": null, "stop": null,'
        b' "stream": null, "n": null, "seed": null, "model": null, "top_p": 1, "echo": false}',
        type=CompletionRequest,
    )
    assert body.fill_request() == CompletionRequest("a").fill_request()


@pytest.mark.parametrize(
    ("stop", "max_lines"), [("\n", 1), (["x", "\n"], 1), ("\n\n", None), ("", None), ([], None)]
)
def test_a_line_break_as_stop_ends_the_fill_early(stop: str | list[str], max_lines: int | None) -> None:
    """The model need not write what would be thrown away."""
    body = msgspec.convert({"prompt": "a", "stop": stop}, CompletionRequest)
    assert body.fill_request().holes[0].max_lines == max_lines


@pytest.mark.parametrize(
    ("text", "stops", "kept"),
    [
        ("abc", (), "abc"),
        ("abc", ("b",), "a"),
        ("abcd", ("d", "bc"), "a"),
        ("a.b", (".",), "a"),
        ("abc", ("a",), ""),
        ("", ("a",), ""),
    ],
)
def test_text_ends_before_the_first_stop(text: str, stops: tuple[str, ...], kept: str) -> None:
    """Whichever of them comes first; they are text, not patterns."""
    assert cut_at(text, stops) == kept


@pytest.mark.parametrize(
    ("stop", "stops", "reason"),
    [
        (Stop.END, (), "stop"),
        (Stop.LINES, (), "stop"),
        (Stop.LENGTH, (), "length"),
        (Stop.BUDGET, (), "length"),
        (Stop.LENGTH, ("b",), "stop"),
    ],
)
def test_the_reason_is_one_of_openais(stop: Stop, stops: tuple[str, ...], reason: str) -> None:
    """What was cut at a stop string has stopped, whatever the model did after it."""
    choice = next(choices_of(CompletionRequest("", stop=stops), result("abc", stop=stop)))
    assert choice.finish_reason == reason


def test_the_body_is_openais() -> None:
    """Choices in order and the usage's three numbers."""
    found = result("a", "b")
    body = Answer("id", 1, "m").body(list(choices_of(CompletionRequest("", n=2), found)), found.figures)
    assert msgspec.json.decode(msgspec.json.encode(body)) == {
        "id": "id",
        "object": "text_completion",
        "created": 1,
        "model": "m",
        "choices": [
            {"text": "a", "index": 0, "logprobs": None, "finish_reason": "stop"},
            {"text": "b", "index": 1, "logprobs": None, "finish_reason": "stop"},
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17},
    }


def test_an_event_is_one_line() -> None:
    """Line breaks in the text do not break the framing."""
    assert sse({"text": "a\nb\r\n"}) == b'data: {"text":"a\\nb\\r\\n"}\n\n'


@pytest.mark.parametrize(("stream", "n", "live"), [(True, 1, True), (True, 2, False), (False, 1, False)])
def test_only_a_single_choice_is_sent_live(n: int, *, stream: bool, live: bool) -> None:
    """Frames are asked for exactly when they will be used."""
    assert CompletionRequest("", stream=stream, n=n).fill_request().frames is live


def test_whole_lines_are_sent_as_they_are_committed() -> None:
    """Drafts, masks and the line in the making are kept back; nothing is sent twice."""
    deltas = Deltas(CompletionRequest("f(1", stream=True))
    drafted = FrameEvent(0, 1, (Cell("a\nb\n", CellState.DRAFTED),))
    frames = [drafted, frame("a", masked=3), frame("a", "\nb", "\nc"), frame("a", "\nb", "\nc", "\nd")]
    assert [deltas.piece(each) for each in frames] == ["", "", "a\nb", "\nc"]
    assert deltas.rest("a\nb\nc\nd") == "\nd"


def test_the_half_typed_word_is_not_sent_back() -> None:
    """The canvas begins with what stands before the hole, the answer does not."""
    deltas = Deltas(CompletionRequest("    retu", stream=True))
    assert deltas.piece(frame(" return", " x", "\n")) == "rn x"
    assert deltas.rest("rn x\n") == "\n"


def test_what_may_begin_a_stop_string_waits() -> None:
    """A stop across pieces is never sent in part."""
    deltas = Deltas(CompletionRequest("1", stop="\nend\n", stream=True))
    assert deltas.piece(frame("a\nb\nen", "\n")) == "a\nb"
    assert deltas.piece(frame("a\nb\nend\n", "\nmore", "\nmore\n")) == ""
    assert deltas.rest("a\nb") == ""


def test_half_a_character_waits() -> None:
    """A token of some bytes of an emoji shows as a replacement until the rest is there."""
    deltas = Deltas(CompletionRequest("1", stream=True))
    assert deltas.piece(frame("a\n", "\ufffd", "\n")) == "a"
    assert deltas.rest("a\n\U0001f600") == "\n\U0001f600"


def test_other_candidates_are_not_mixed_in() -> None:
    """Only the first attempt is followed."""
    assert Deltas(CompletionRequest("1", stream=True)).piece(frame("x\n\n", candidate=1)) == ""


@given(st.lists(st.text("ab\n", min_size=1, max_size=3), max_size=12), st.lists(st.text("ab\n", max_size=3)))
def test_the_pieces_make_the_text(tokens: list[str], stops: list[str]) -> None:
    """Whatever is committed in whatever pieces, streamed and unstreamed answers agree."""
    request = CompletionRequest("1", stop=tuple(stops), stream=True)
    deltas = Deltas(request)
    text = "".join(tokens)
    sent = "".join(deltas.piece(frame(*tokens[:count])) for count in range(len(tokens) + 1))
    final = next(choices_of(request, result(text))).text
    assert sent + deltas.rest(final) == final
