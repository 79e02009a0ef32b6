"""Every family fills holes in random weights as a request says: endings, locks, seeds, frames, budgets."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import Cancelled
from lsp_server.core.types import Span
from lsp_server.engine.protocol import (
    Cell,
    CellState,
    Decode,
    FillRequest,
    FrameEvent,
    Hole,
    Question,
    Sampling,
    Stop,
)
from lsp_server.engine.runtime.families.family import Surroundings

FAMILIES = ["dream", "dreamon", "open-dcoder", "llada", "llada2", "sdar", "fast-dllm", "stable-diffcoder"]
TEXT = "def area(radius):\n    return math\nfor item in items:\n"
AT = TEXT.index("math")

AROUND = Surroundings("", "", "", "go", ())

Loaded = Callable[..., Any]


def _request(*holes: Hole, **fields: Any) -> FillRequest:  # noqa: ANN401
    return FillRequest(TEXT, holes or (Hole(AT, AT + 4, max_tokens=12),), **fields)


def _fill(filler: Any, request: FillRequest, **options: Any) -> Any:  # noqa: ANN401
    return filler.fill(request, cancel=CancelToken(), **options)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_hole_is_filled(loaded: Loaded, family: str) -> None:
    """A fill is no longer than asked for, its tokens have probabilities, and passes are counted."""
    result = _fill(loaded(family), _request())
    (candidate,) = result.candidates
    (fill,) = candidate.fills
    assert "".join(piece.text for piece in fill.pieces) == fill.text
    assert len(fill.pieces) <= 12
    assert all(0 < piece.confidence <= 1 for piece in fill.pieces)
    assert result.figures.forwards > 0
    assert result.figures.context_tokens > 10


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("decode", list(Decode))
def test_the_same_seed_gives_the_same_fill(loaded: Loaded, family: str, decode: Decode) -> None:
    """Also at a temperature, in every decode; what an earlier fill left in the cache changes nothing."""
    filler = loaded(family)
    request = _request(sampling=Sampling(decode=decode, temperature=1.0, seed=3))
    first, again = _fill(filler, request), _fill(filler, request)
    assert first.candidates == again.candidates


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("typed", ["ret", "    ma", "radius.x = é"])
def test_what_was_typed_survives(loaded: Loaded, family: str, typed: str) -> None:
    """The fill begins with the characters that a lock at its start holds."""
    text = TEXT[:AT] + typed + TEXT[AT:]
    end = AT + len(typed)
    hole = Hole(AT, end, locks=(Span(AT, end),), max_tokens=8)
    result = _fill(loaded(family), FillRequest(text, (hole,)))
    assert result.candidates[0].fills[0].text.startswith(typed)


@pytest.mark.parametrize("family", FAMILIES)
def test_locks_inside_survive(loaded: Loaded, family: str) -> None:
    """What is locked in the middle of a hole stands there verbatim and in order."""
    start, end = TEXT.index("area"), TEXT.index("math")
    locks = (Span(start + 5, start + 11), Span(end - 7, end - 1))
    hole = Hole(start, end, locks=locks, max_tokens=6)
    text = _fill(loaded(family), _request(hole)).candidates[0].fills[0].text
    assert 0 <= text.find("radius") < text.find("return")


@pytest.mark.parametrize("family", FAMILIES)
def test_strength_keeps_the_rest(loaded: Loaded, family: str) -> None:
    """At a strength of a quarter most tokens are what they were, the locked ones among them."""
    start, end = TEXT.index("return"), TEXT.index("for")
    lock = Span(start, start + 6)
    hole = Hole(start, end, locks=(lock,), strength=0.25)
    (fill,) = _fill(loaded(family), _request(hole)).candidates[0].fills
    assert fill.text.startswith("return")
    vocabulary = loaded(family).family.vocabulary
    original = vocabulary.encode(TEXT[start:end])
    assert len(fill.pieces) <= len(original)
    assert fill.stop is Stop.END


@pytest.mark.parametrize("family", FAMILIES)
def test_no_strength_changes_nothing(loaded: Loaded, family: str) -> None:
    """At a strength of 0 the hole's text is the fill."""
    hole = Hole(AT, AT + 4, strength=0.0)
    assert _fill(loaded(family), _request(hole)).candidates[0].fills[0].text == "math"


@pytest.mark.parametrize("family", FAMILIES)
def test_an_instruction_is_answered(loaded: Loaded, family: str) -> None:
    """In words: the answer is indented as the selection was."""
    start, end = TEXT.index("    return"), TEXT.index("for")
    request = _request(Hole(start, end, max_tokens=8), instruction="Double it.", language="python")
    (fill,) = _fill(loaded(family), request).candidates[0].fills
    assert fill.text.endswith("\n")


def test_a_translation_is_asked_for_in_both_languages(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The selection is shown in the one that it is written in, the answer begins in the other."""
    filler, asked = loaded("dream"), list[tuple[str, str]]()
    monkeypatch.setattr(
        type(filler.family.layout),
        "answer",
        lambda layout, system, user, start: asked.append((user, start)) or layout.fill(AROUND),
    )
    hole = Hole(0, len(TEXT), max_tokens=8)
    _fill(filler, _request(hole, instruction="Translate.", language="go", source="python"))
    ((user, start),) = asked
    assert "```python\n" in user
    assert start == "```go\n"


@pytest.mark.parametrize("family", FAMILIES)
def test_candidates_differ_and_avoid(loaded: Loaded, family: str) -> None:
    """No candidate comes twice, none is one that the request wants to avoid."""
    filler = loaded(family)
    rejected = _fill(filler, _request()).candidates[0].fills[0].text
    hole = Hole(AT, AT + 4, max_tokens=12, avoid=(rejected,))
    texts = [each.fills[0].text for each in _fill(filler, _request(hole, candidates=3)).candidates]
    assert len(set(texts)) == len(texts)
    assert rejected.strip() not in {text.strip() for text in texts}


@pytest.mark.parametrize("family", FAMILIES)
def test_frames_show_the_canvas(loaded: Loaded, family: str) -> None:
    """Frames begin with masks, are numbered, and end with what is committed."""
    frames: list[FrameEvent] = []
    result = _fill(loaded(family), _request(frames=True), on_frame=frames.append)
    assert [frame.step for frame in frames] == list(range(1, len(frames) + 1))
    assert frames[0].cells[0] == Cell("", CellState.MASKED)
    assert any(cell.state is CellState.COMMITTED for frame in frames for cell in frame.cells) or (
        not result.candidates[0].fills[0].text
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_time_that_is_up_ends_a_fill(loaded: Loaded, family: str) -> None:
    """A deadline that has passed stops before the first step, and says so."""
    (fill,) = _fill(loaded(family), _request(), deadline=time.monotonic() - 1).candidates[0].fills
    assert (fill.text, fill.stop) == ("", Stop.BUDGET)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_withdrawn_fill_ends(loaded: Loaded, family: str) -> None:
    """A cancelled request raises between two steps."""
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        loaded(family).fill(_request(frames=True), cancel=cancel, on_frame=lambda _: cancel.cancel())


@pytest.mark.parametrize("family", FAMILIES)
def test_several_holes(loaded: Loaded, family: str) -> None:
    """Every hole of a request gets a fill."""
    name = TEXT.index("area")
    result = _fill(
        loaded(family), _request(Hole(name, name + 4, max_tokens=4), Hole(AT, AT + 4, max_tokens=4))
    )
    assert len(result.candidates[0].fills) == 2


@pytest.mark.parametrize("family", FAMILIES)
def test_questions_are_judged(loaded: Loaded, family: str) -> None:
    """What stands there is as likely as itself; every question has as many answers as alternatives."""
    question = Question(AT, AT + 4, ("math", "items"))
    request = FillRequest(TEXT, (Hole(0, len(TEXT)),), questions=(question,))
    result = _fill(loaded(family), request)
    ((same, other),) = result.judged
    assert same == pytest.approx(0, abs=1e-4)
    assert other != pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_reading_ahead(loaded: Loaded, family: str) -> None:
    """Reading fills nothing; block-causal families know the context afterwards, but for its last block."""
    filler = loaded(family)
    assert _fill(filler, _request(read_only=True)).candidates == ()
    figures = _fill(filler, _request()).figures
    assert (figures.cached_tokens > 0) == (filler.family.facts.block is not None)


@pytest.mark.parametrize("family", ["dream", "llada2"])
@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_precisions(loaded: Loaded, family: str, precision: str) -> None:
    """Fewer bits fill as well, and the backend says what it computes with."""
    filler = loaded(family, precision=precision)
    assert precision in filler.backend
    assert _fill(filler, _request()).candidates
