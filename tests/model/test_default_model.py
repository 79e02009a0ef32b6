"""The real default model, as `remask pull` and the package give it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

import pytest

from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.core.types import Span
from lsp_server.engine.protocol import DOUBTFUL, Decode, FillRequest, FrameEvent, Hole, Sampling
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.load import load_filler

pytestmark = pytest.mark.model

AREA = 'import math\n\n\ndef area(radius):\n    """Area of a circle."""\n    retu\n\n\nprint(area(2))\n'
POSITIVES = """def positives(items):
    result = []
    for item in items:
        if item > 0:
            result.append(item)
    return result
"""
SWAP = "function swap(pair) {\n  const [a, b] = pair;\n  \n}\n\nconsole.log(swap([1, 2]));\n"


@pytest.fixture(scope="module")
def filler() -> Iterator[DiffusionFiller]:
    """The loaded model."""
    loaded = load_filler(DEFAULT_MODEL, lambda _share, _what: None, settings=EngineSettings())
    yield loaded
    loaded.close()


def fill(filler: DiffusionFiller, text: str, hole: Hole, **given: object) -> str:
    request = FillRequest(text, (hole,), **given)  # type: ignore[arg-type]
    return filler.fill(request, cancel=CancelToken()).candidates[0].fills[0].text


def test_it_fills_a_half_typed_line(filler: DiffusionFiller) -> None:
    """`retu` grows into a return of the right thing, from both sides of the hole."""
    start, end = AREA.index("    retu"), AREA.index("    retu") + len("    retu")
    text = fill(filler, AREA, Hole(start, end, locks=(Span(start, end),), max_lines=1), language="python")
    assert text.startswith("    return math.pi")
    assert "radius" in text


@pytest.mark.parametrize("text", [AREA, SWAP, POSITIVES])
def test_verifying_is_lossless_in_the_precision_it_runs_in(filler: DiffusionFiller, text: str) -> None:
    """Quantised or not: drafts change the number of passes, never the fill."""
    lines = text.splitlines(keepends=True)
    for index in range(len(lines)):
        at = len("".join(lines[:index]))
        hole = Hole(at, at, max_lines=1, max_tokens=16)
        drafted, alone = (
            fill(filler, text, hole, sampling=Sampling(decode=decode))
            for decode in (Decode.VERIFIED, Decode.LEFT_TO_RIGHT)
        )
        assert drafted == alone


@pytest.mark.parametrize("greeting", ["'hello'", "'你好世界'"])
def test_scores_of_tokens_of_code_are_enough(
    filler: DiffusionFiller, monkeypatch: pytest.MonkeyPatch, greeting: str
) -> None:
    """Fills are those of the whole vocabulary; other writing in the file can still be written."""
    before = f"print({greeting})\nprint({greeting})\nprint("
    holes = (Hole(len(before), len(before), max_lines=1),)
    request = FillRequest(before + "\n", holes, language="python")
    text = filler.fill(request, cancel=CancelToken()).candidates[0].fills[0].text
    monkeypatch.setattr(filler.loaded.network.weights.code_head, "suffices", lambda _: False)
    assert filler.fill(request, cancel=CancelToken()).candidates[0].fills[0].text == text
    assert text.startswith(greeting)


def test_drafts_save_passes(filler: DiffusionFiller) -> None:
    """On ordinary code more than one token is committed a pass, drafting and verifying both counted."""
    at = POSITIVES.index("    for")
    request = FillRequest(POSITIVES[:at] + POSITIVES[-18:], (Hole(at, at, max_tokens=48),), language="python")
    figures = filler.fill(request, cancel=CancelToken()).figures
    assert figures.tokens > figures.forwards


@pytest.mark.parametrize("decode", [Decode.CONFIDENCE, Decode.ENTROPY])
def test_pure_diffusion_fills_too(filler: DiffusionFiller, decode: Decode) -> None:
    """Without the verifier the denoiser alone writes a return statement here."""
    start, end = AREA.index("    retu"), AREA.index("    retu") + len("    retu")
    hole = Hole(start, end, locks=(Span(start, end),), max_lines=1)
    assert fill(filler, AREA, hole, sampling=Sampling(decode=decode)).startswith("    return math")


@pytest.mark.parametrize("left_out", ["    for item in items:\n        if item > 0:", "item > 0"])
def test_it_stops_at_what_follows(filler: DiffusionFiller, left_out: str) -> None:
    """Without a limit on its lines a fill neither repeats the code behind it nor begins to chat."""
    at = POSITIVES.index(left_out)
    text = POSITIVES.replace(left_out, "")
    written = fill(filler, text, Hole(at, at, max_tokens=96), language="python")
    assert "return result" not in written
    assert "```" not in written


def test_it_rewrites_by_instruction(filler: DiffusionFiller) -> None:
    """The loop becomes something shorter that still returns the positive items."""
    hole = Hole(0, len(POSITIVES), max_tokens=128)
    text = fill(filler, POSITIVES, hole, instruction="Use a list comprehension.", language="python")
    assert text.startswith("def positives(items):")
    assert "for item in items if item > 0]" in text


def test_strength_changes_part_of_a_selection(filler: DiffusionFiller) -> None:
    """At a third of the strength most of the code stays; what is locked stays in any case."""
    lock = Span(POSITIVES.index("positives"), POSITIVES.index("(items)"))
    hole = Hole(0, len(POSITIVES), locks=(lock,), strength=0.3)
    text = fill(filler, POSITIVES, hole, language="python")
    assert "positives" in text
    assert text != POSITIVES
    assert SequenceMatcher(None, text, POSITIVES).ratio() > 0.6


def test_an_instruction_chooses_what_a_small_strength_changes(filler: DiffusionFiller) -> None:
    """A tenth of the tokens is enough for what is asked, and nothing else is touched."""
    code = "def total(numbers):\n    x = 0\n    for n in numbers:\n        x += n\n    return x\n"
    hole = Hole(0, len(code), strength=0.1)
    text = fill(filler, code, hole, instruction="Multiply instead of add.", language="python")
    assert text == code.replace("+=", "*=")


def test_the_canvas_can_be_watched(filler: DiffusionFiller) -> None:
    """Frames arrive while denoising and end in the fill."""
    frames: list[FrameEvent] = []
    start, end = AREA.index("    retu"), AREA.index("    retu") + len("    retu")
    request = FillRequest(AREA, (Hole(start, end, locks=(Span(start, end),), max_lines=1),), frames=True)
    result = filler.fill(request, cancel=CancelToken(), on_frame=frames.append)
    assert len(frames) > 2
    last = "".join(cell.text for cell in frames[-1].cells)
    assert last.startswith(result.candidates[0].fills[0].text)


def test_an_alternative_of_a_doubtful_token_is_kept(filler: DiffusionFiller) -> None:
    """The argument's name is a guess; each other name is a token of its own in what is filled behind it."""
    text = "def parse_args():\n    parser = ArgumentParser()\n    \n    return parser.parse_args()\n"
    start, at = text.index("    \n"), text.index("    \n") + 4
    request = FillRequest(text, (Hole(start, at, locks=(Span(start, at),), max_lines=1),), language="python")
    [written] = filler.fill(request, cancel=CancelToken()).candidates[0].fills
    doubtful = [piece for piece in written.pieces if piece.alternatives]
    assert 0 < len(doubtful) < len(written.pieces) / 2
    assert all(piece.confidence < DOUBTFUL for piece in doubtful)
    for piece in doubtful:
        before = "".join(each.text for each in written.pieces[: written.pieces.index(piece)])
        for other in piece.alternatives:
            head = before + other.text
            changed = text[:start] + head + text[at:]
            lock = Span(start, start + len(head))
            hole = Hole(start, lock.end, locks=(lock,), max_lines=1, settled=True)
            assert fill(filler, changed, hole, language="python").startswith(head)
