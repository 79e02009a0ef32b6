"""What becomes of fills that break the syntax or use names that nothing defines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lsp_server.core.types import Completion, FillFigures, Silence
from lsp_server.engine.protocol import Candidate, Decode, Excluded, FillResult, HoleFill, Piece, Stop
from lsp_server.service.confidence import UNDEFINED
from lsp_server.service.mending import MOST_EXTRA, MOST_SAVED

pytestmark = pytest.mark.asyncio

if TYPE_CHECKING:
    from tests.unit.service.conftest import Bench

DOCUMENT = "x = |\ny = 1\n"
HEAD = Piece("x = ", 1.0, locked=True)


def answer(*tokens: tuple[str, float], stop: Stop = Stop.END) -> FillResult:
    pieces = (HEAD, *(Piece(text, confidence) for text, confidence in tokens))
    text = "".join(piece.text for piece in pieces)
    return FillResult((Candidate((HoleFill(text, stop, pieces),), 0.9),), FillFigures(), "stand-in")


def texts(completion: Completion) -> list[str]:
    return [suggestion.edit.text for suggestion in completion.suggestions]


async def test_the_least_sure_token_of_a_broken_fill_is_remasked(bench: Bench) -> None:
    """After diffusion has failed the base writes on from there, with the token excluded."""
    bench.engine.script = [answer(("foo", 0.9), (" bar", 0.2), (" baz", 0.5)), "= =", "foo()"]
    assert texts(await bench.complete(DOCUMENT)) == ["foo()"]
    anew, remasked = (request.holes[0] for request in bench.engine.requests[1:])
    assert (anew.draft, anew.excluded) == ("", ())
    assert (remasked.draft, remasked.excluded) == ("x = foo bar baz", (Excluded(7, " bar"),))
    assert bench.engine.requests[2].sampling.decode is Decode.VERIFIED


async def test_mending_has_its_share_of_the_time(bench: Bench) -> None:
    """Fills that always break are mended for half as long as they took to write, and what was saved up."""
    bench.choose(budget_ms=1000)
    filled = mended = 0.0

    def spend() -> None:
        nonlocal filled, mended
        first = not bench.engine.requests[-1].holes[0].avoid
        seconds = 0.2 if first else bench.engine.requests[-1].budget_ms / 1000
        filled, mended = filled + seconds * first, mended + seconds * (not first)
        bench.clock.now += seconds

    bench.engine.during = spend
    bench.engine.anything = ["= ="]
    for number in range(60):
        await bench.complete(f"x{number} = |\ny = 1\n")
    assert filled == pytest.approx(12.0)
    assert MOST_SAVED < mended <= MOST_EXTRA * filled + MOST_SAVED


async def test_a_mended_fill_that_ran_out_of_time_is_not_taken(bench: Bench) -> None:
    """Half a line that happens to parse is no better than a broken one."""
    bench.engine.script = [answer(("foo bar", 0.9)), answer(("fo", 0.9), stop=Stop.BUDGET), "foo()"]
    assert texts(await bench.complete(DOCUMENT)) == ["foo()"]


async def test_an_undefined_name_is_written_anew(bench: Bench) -> None:
    """Its least sure token is excluded; a fill with defined names takes its place."""
    bench.engine.script = [answer(("nowhere", 0.9), ("_else", 0.4), ("()", 0.9)), answer(("y", 0.9))]
    (suggestion,) = (await bench.complete(DOCUMENT)).suggestions
    assert (suggestion.edit.text, suggestion.confidence, suggestion.doubts) == ("y", 0.9, ())
    (hole,) = bench.engine.requests[1].holes
    assert (hole.draft, hole.excluded) == ("x = nowhere_else()", (Excluded(11, "_else"),))


@pytest.mark.parametrize(
    "again",
    [
        answer(("nowhere_too", 0.9)),
        answer(("y", 0.05)),
        answer(("y y", 0.9)),
        answer(("y", 0.9), stop=Stop.BUDGET),
        answer(("  ", 0.9)),
    ],
)
async def test_an_undefined_name_stays_if_nothing_is_better(bench: Bench, again: FillResult) -> None:
    """Not replaced by another such name, by what is unlikely, broken, unfinished or nothing; one try only."""
    bench.choose(min_confidence=0.08)
    bench.engine.script = [answer(("nowhere", 0.9), ("()", 1.0)), again]
    (suggestion,) = (await bench.complete(DOCUMENT)).suggestions
    assert suggestion.edit.text == "nowhere()"
    assert suggestion.confidence == pytest.approx(UNDEFINED * 0.9)
    (doubt,) = suggestion.doubts
    assert (doubt.span.start, doubt.span.end, doubt.undefined) == (0, 7, True)
    assert len(bench.engine.requests) == 2


async def test_an_undefined_name_costs_the_suggestion(bench: Bench) -> None:
    """What was not very sure is not shown unasked."""
    bench.choose(min_confidence=0.08)
    bench.engine.script = [answer(("nowhere", 0.7)), answer(("nowhere_too", 0.9))]
    completion = await bench.complete(DOCUMENT)
    assert (texts(completion), completion.silence) == ([], Silence.LOW_CONFIDENCE)


async def test_names_of_notebooks_and_the_workspace_are_known(bench: Bench) -> None:
    """Other cells and other files may define them."""
    bench.engine.script = ["known_elsewhere()", "nowhere()"]
    assert texts(await bench.complete(DOCUMENT)) == ["known_elsewhere()"]
    cell = replace(bench.open("z = "), notebook="notebook")
    completion = await bench.completer.complete(cell, 4, invoked=False)
    assert texts(completion) == ["nowhere()"]
    assert len(bench.engine.requests) == 2


async def test_undefined_names_are_not_mended_ahead(bench: Bench) -> None:
    """Nobody waits for it, so no further request is made."""
    bench.settings = replace(bench.settings, completion=replace(bench.settings.completion, ahead=True))
    bench.engine.script = ["y", "\nz = nowhere"]
    await bench.complete(DOCUMENT)
    for _ in range(20):
        await bench.clock.sleep(0)
    assert len(bench.engine.requests) == 2
