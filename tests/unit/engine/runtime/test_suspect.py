"""Judging code that is there, on the toy model."""

from __future__ import annotations

import pytest
import torch

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import BadInput, Cancelled
from lsp_server.engine.protocol import FillRequest, Hole, Question
from lsp_server.engine.runtime import suspect
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.suspect import Doubter, _Lines

TEXT = (
    "import math\n\n\ndef area(radius):\n    return math.pi * radius ** 2\n\n\nfor item in items:\n    pass\n"
)


def asked(text: str, place: str, *alternatives: str) -> FillRequest:
    """A request about one place of `text`, as part of the lines from the function on."""
    at = text.index(place)
    question = Question(at, at + len(place), alternatives)
    return FillRequest(text, (Hole(text.index("def"), len(text)),), questions=(question,))


def by_hand(model: Model, before: str, after: str, count: int) -> float:
    """The log probability of `count` tokens of `after` behind `before`, in one pass."""
    network, encode = model.network, model.family.vocabulary.encode
    head, tail = encode(before), list(_Lines.of(after, encode).tokens)[:count]
    weights = network.weights
    kv = KV(weights.architecture, weights.dtype, weights.device)
    log_p = network.logits(network.read(kv, [*head, *tail][:-1])).log_softmax(-1)
    return sum(log_p[len(head) - 1 + at, token].item() for at, token in enumerate(tail))


@pytest.fixture
def thorough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every alternative is followed to the end."""
    monkeypatch.setattr(suspect, "HOPELESS", -1e9)
    monkeypatch.setattr(suspect, "OPEN", -1e9)


@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize(
    ("place", "other"), [("radius ** 2", "math ** 2"), ("*", "+"), ("2", "2 + 2"), ("math.pi * ", "")]
)
def test_it_is_the_odds_of_everything_behind(model: Model, place: str, other: str) -> None:
    """Own tokens and those behind them, less the same of what stands there; reading once changes nothing."""
    text = TEXT[: TEXT.index("item in")]
    request = asked(text, place, other)
    [[gain]] = Doubter(model.network, model.family, CancelToken()).judge(request)
    start = request.holes[0].start
    changed = text[start:].replace(place, other, 1)
    present = by_hand(model, text[:start], text[start:], 99)
    assert gain == pytest.approx(by_hand(model, text[:start], changed, 99) - present, abs=1e-3)


@pytest.mark.usefixtures("thorough")
def test_order_and_number_of_questions_do_not_matter(model: Model) -> None:
    """Each is judged as if it were the only one: no alternative is left behind in the context."""
    text, encode = TEXT, Doubter(model.network, model.family, CancelToken())
    at, other = text.index("*"), text.index("items")
    both = (Question(at, at + 1, ("+", "-")), Question(other, other + 5, ("item",)))
    hole = Hole(text.index("def"), len(text))
    together = encode.judge(FillRequest(text, (hole,), questions=both))
    alone = [encode.judge(FillRequest(text, (hole,), questions=(each,)))[0] for each in both]
    assert [pytest.approx(gains, abs=1e-4) for gains in together] == alone


def test_what_is_hopeless_costs_no_pass(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then only the code itself is read."""
    monkeypatch.setattr(suspect, "HOPELESS", 1e9)
    doubter = Doubter(model.network, model.family, CancelToken())
    doubter.judge(asked(TEXT, "radius ** 2", "math", "area", "item"))
    without = Doubter(model.network, model.family, CancelToken())
    without.judge(asked(TEXT, "radius ** 2"))
    assert doubter.forwards == without.forwards


def test_kept_contexts_stay(filler: DiffusionFiller) -> None:
    """What was read around a cursor is not lost to it, and an answer has no fills."""
    hole = Hole(len(TEXT), len(TEXT), max_tokens=4)
    filler.fill(FillRequest(TEXT, (hole,)), cancel=CancelToken())
    result = filler.fill(asked(TEXT, "*", "+"), cancel=CancelToken())
    assert result.candidates == ()
    assert len(result.judged[0]) == 1
    again = filler.fill(FillRequest(TEXT, (hole,)), cancel=CancelToken())
    assert again.figures.cached_tokens > 0.9 * again.figures.context_tokens


def test_it_stops_when_asked_to(model: Model) -> None:
    """Between two passes."""
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        Doubter(model.network, model.family, cancel).judge(asked(TEXT, "*", "+"))


@pytest.mark.parametrize("text", ["def", "def\n", "é = '😀' * 2  # def"])
def test_short_and_odd_texts(model: Model, text: str) -> None:
    """A part may be all there is."""
    [gains] = Doubter(model.network, model.family, CancelToken()).judge(asked(text, "def", "x", ""))
    assert len(gains) == 2
    assert all(torch.tensor(gains).isfinite())


@pytest.mark.parametrize("text", ["", "\n", "a\n\n  \n\tb", "a = [\n  1,\n\n]\n", "😀 \r\n x"])
def test_pieces_are_the_whole_text(model: Model, text: str) -> None:
    """Each begins where the one before it ends."""
    encode = model.family.vocabulary.encode
    lines = _Lines.of(text, encode)
    pairs = list(zip(lines.starts, lines.starts[1:], strict=False))
    assert "".join(text[start:end] for start, end in pairs) == text
    assert list(lines.tokens) == [token for start, end in pairs for token in encode(text[start:end])]


def test_a_question_lies_in_its_part() -> None:
    """And they come in order."""
    with pytest.raises(BadInput, match="out of order"):
        FillRequest(TEXT, (Hole(10, 20),), questions=(Question(5, 12, ("x",)),))
    with pytest.raises(BadInput, match="out of order"):
        FillRequest(TEXT, (Hole(0, 20),), questions=(Question(5, 6, ("x",)), Question(3, 4, ("x",))))
