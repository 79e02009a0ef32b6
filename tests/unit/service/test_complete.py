from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lsp_server.core.errors import (
    BadInput,
    EngineFailed,
    EngineUnavailable,
    ModelCorrupt,
    ModelMissing,
    Superseded,
)
from lsp_server.core.settings import EngineSettings
from lsp_server.core.types import Completion, Edit, Silence, Span
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import Cell, CellState, Decode, FrameEvent, Stop
from lsp_server.service.complete import GRACE_S
from lsp_server.service.tally import Fate

pytestmark = pytest.mark.asyncio

if TYPE_CHECKING:
    from tests.unit.service.conftest import Bench

Settled = Callable[[], Awaitable[None]]


def texts(completion: Completion) -> list[str]:
    return [suggestion.edit.text for suggestion in completion.suggestions]


@pytest.mark.parametrize(
    ("marked", "head", "fill", "inserted"),
    [
        ("|", "", "import os", "import os"),
        ("x = fo|\n", "x = fo", "o(bar)", "o(bar)"),
        ("def f(a):\n    return |\n", "    return ", "a + 1", "a + 1"),
        ("def f(a):\n    |\n", "    ", "return a", "return a"),
        ("def f(a):\r\n    |\r\n", "    ", "b = a\n    return b", "b = a\r\n    return b"),
        ("\ufeffx = |", "\ufeffx = ", "1", "1"),
        ("name = '🙂e\u0301' + |\n", "name = '🙂e\u0301' + ", "name", "name"),
        ("def f():\n\treturn |\n", "\treturn ", "1", "1"),
    ],
)
async def test_a_fill_becomes_a_suggestion(
    bench: Bench, marked: str, head: str, fill: str, inserted: str
) -> None:
    """What is typed of the line is locked in the hole; the suggestion is what comes behind the cursor."""
    bench.engine.script = [fill]
    completion = await bench.complete(marked)
    offset = marked.index("|")
    (suggestion,) = completion.suggestions
    assert suggestion.edit == Edit(Span(offset, offset), inserted)
    assert suggestion.filter_text == inserted
    (hole,) = bench.engine.requests[0].holes
    assert bench.engine.requests[0].text[hole.start : hole.end] == head
    assert bench.engine.waits == [False]


async def test_a_hole_stays_while_its_line_is_typed(bench: Bench) -> None:
    """What was typed since is locked in it, so what stands around it is shown as before."""
    bench.engine.script = ["oo(1)", "ar(2)"]
    await bench.complete("a = 1\nx = f|\ny = 2\n")
    bench.edit(11, 11, " + b")
    assert texts(await bench.ask(15)) == ["ar(2)"]
    first, second = (request for request in bench.engine.requests)
    shown = [(each.text[: each.holes[0].start], each.text[each.holes[0].end :]) for each in (first, second)]
    assert shown == [("a = 1\n", "\ny = 2\n")] * 2
    assert second.holes[0].locks == (Span(6, 15),)
    assert [first.holes[0].draft, second.holes[0].draft] == ["", "x = foo(1)"]


async def test_the_selected_entry_is_continued(bench: Bench) -> None:
    """With a popup entry selected the model sees it applied, and the suggestion extends it in its range."""
    bench.engine.script = ["(1)"]
    completion = await bench.complete("x = pri|\n", selected=Edit(Span(4, 7), "print"))
    assert bench.engine.requests[0].text == "x = print\n"
    assert completion.suggestions[0].edit == Edit(Span(4, 7), "print(1)")
    bench.edit(4, 7, "print")
    assert texts(await bench.ask(9)) == ["(1)"]
    assert len(bench.engine.requests) == 1


@pytest.mark.parametrize("offset", [-1, 3, 2**40])
async def test_offsets_outside_are_refused(bench: Bench, offset: int) -> None:
    """A cursor outside the text is an error of the caller's."""
    bench.open("ab")
    with pytest.raises(BadInput):
        await bench.ask(offset)


@pytest.mark.parametrize(
    ("error", "phase", "silence"),
    [
        (EngineUnavailable("no"), "starting", Silence.ENGINE_STARTING),
        (EngineUnavailable("no"), "loading", Silence.ENGINE_STARTING),
        (EngineUnavailable("no"), "stopped", Silence.ENGINE_DOWN),
        (EngineUnavailable("no"), "failed", Silence.ENGINE_DOWN),
        (EngineFailed("no"), "ready", Silence.ENGINE_DOWN),
        (ModelMissing("no"), "stopped", Silence.MODEL_MISSING),
        (ModelCorrupt("no"), "failed", Silence.ENGINE_DOWN),
        (Superseded("no"), "ready", Silence.SUPERSEDED),
        (BadInput("no"), "ready", Silence.UNSUPPORTED_TEXT),
    ],
)
async def test_engine_troubles_are_silence(
    bench: Bench, error: Exception, phase: str, silence: Silence
) -> None:
    """No error of the engine reaches the editor from a completion, and the next request asks again."""
    bench.engine.status = EngineStatus(phase=phase, message="", progress=None)
    bench.engine.script = [error, "1"]
    assert (await bench.complete("x = |")).silence is silence
    assert bench.completer.tally.silences == {silence: 1}
    assert texts(await bench.complete("x = |")) == ["1"]


@pytest.mark.parametrize(
    ("marked", "script", "silence"),
    [
        ("x = |\n", [""], Silence.EMPTY),
        ("x = |\n", ["  \n "], Silence.EMPTY),
        ("ab|cd", [], Silence.NOT_HERE),
        ("x = |\n", [[("doubtful", 0.05)]], Silence.LOW_CONFIDENCE),
    ],
)
async def test_reasons_for_silence(bench: Bench, marked: str, script: list[object], silence: Silence) -> None:
    """Nothing worth showing is silence with its reason, on the board too."""
    bench.engine.script = script
    assert await bench.complete(marked) == Completion(silence=silence)
    assert bench.board.current.silence is silence


async def test_the_gate_comes_first(bench: Bench) -> None:
    """A silenced document costs no request."""
    bench.excluded = Silence.PRIVATE_FILE
    assert (await bench.complete("x = |")).silence is Silence.PRIVATE_FILE
    assert bench.engine.requests == []


async def test_the_chosen_seed_reaches_the_model(bench: Bench) -> None:
    """Also in the second request, after a fill that breaks the syntax."""
    bench.choose(seed=7)
    bench.engine.script = ["foo bar", "foo()"]
    await bench.complete("x = |\ny = 1\n")
    assert [request.sampling.seed for request in bench.engine.requests] == [7, 7]


async def test_several_candidates_only_when_invoked(bench: Bench) -> None:
    """By hand several are asked for, surest first, each once, and doubt does not hide them."""
    bench.engine.script = ["a", [("b", 0.2), ("c", 0.8), ("b", 0.1)]]
    await bench.complete("x = |\n")
    completion = await bench.complete("x = |\n", invoked=True)
    assert [request.candidates for request in bench.engine.requests] == [1, 3]
    assert texts(completion) == ["c", "b"]
    assert [each.confidence for each in completion.suggestions] == [0.8, 0.2]


async def test_typing_along_asks_nothing(bench: Bench) -> None:
    """Typing along a suggestion and deleting back are answered at once, with the same id."""
    bench.engine.script = ["foo(bar)"]
    first = await bench.complete("x = |\n")
    for typed in range(1, 8):
        bench.edit(3 + typed, 3 + typed, "foo(bar)"[typed - 1])
        again = await bench.ask(4 + typed)
        assert texts(again) == ["foo(bar)"[typed:]]
        assert again.suggestions[0].id == first.suggestions[0].id
    bench.edit(4, 11, "")
    assert texts(await bench.ask(4)) == ["foo(bar)"]
    assert len(bench.engine.requests) == 1


async def test_debounce_lets_the_last_keystroke_ask(bench: Bench, settled: Settled) -> None:
    """While the debounce runs a newer request ends the older, which never reaches the engine."""
    bench.choose(debounce_ms=60)
    bench.clock.held = asyncio.Event()
    bench.engine.script = ["1"]
    older = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    bench.edit(4, 4, "y")
    newer = asyncio.create_task(bench.ask(5))
    assert (await older).silence is Silence.SUPERSEDED
    bench.clock.held.set()
    assert texts(await newer) == ["1"]
    assert bench.clock.slept == [0.06, 0.06]
    assert len(bench.engine.requests) == 1


async def test_no_debounce_when_invoked(bench: Bench) -> None:
    """Who asks by hand does not wait."""
    bench.choose(debounce_ms=60)
    bench.engine.script = ["1"]
    await bench.complete("x = |\n", invoked=True)
    assert bench.clock.slept == []


async def test_a_newer_place_withdraws_the_older_request(bench: Bench, settled: Settled) -> None:
    """A request elsewhere ends the older caller and its work in the engine."""
    bench.engine.open.clear()
    bench.engine.script = ["1"]
    older = asyncio.create_task(bench.complete("x = |\ny = \n"))
    await settled()
    newer = asyncio.create_task(bench.ask(10))
    assert (await older).silence is Silence.SUPERSEDED
    await settled()
    assert bench.engine.withdrawn == 1
    bench.engine.open.set()
    assert texts(await newer) == ["1"]


async def test_documents_do_not_disturb_each_other(bench: Bench, settled: Settled) -> None:
    """Two documents' requests both get their answers."""
    bench.engine.open.clear()
    bench.engine.script = ["1", "2"]
    one = bench.open("x = ", key="a")
    other = bench.open("y = ", key="b")
    tasks = [asyncio.create_task(bench.completer.complete(each, 4, invoked=False)) for each in (one, other)]
    await settled()
    bench.engine.open.set()
    assert [texts(each) for each in await asyncio.gather(*tasks)] == [["1"], ["2"]]


@pytest.mark.parametrize(
    ("typed", "script", "rest", "requests"),
    [("fo", ["foo(bar)"], "o(bar)", 1), ("", ["foo"], "foo", 1), ("g", ["foo", "h"], "h", 2)],
)
async def test_an_answer_under_way_serves_what_was_typed_since(
    bench: Bench, settled: Settled, typed: str, script: list[object], rest: str, requests: int
) -> None:
    """A keystroke during the request waits for it, and asks anew only if the answer contradicts it."""
    bench.engine.open.clear()
    bench.engine.script = script
    older = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    if typed:
        bench.edit(4, 4, typed)
    newer = asyncio.create_task(bench.ask(4 + len(typed)))
    assert (await older).silence is Silence.SUPERSEDED
    await settled()
    bench.engine.open.set()
    assert texts(await newer) == [rest]
    assert len(bench.engine.requests) == requests
    assert bench.engine.withdrawn == 0


def frame(*cells: tuple[str, CellState]) -> FrameEvent:
    return FrameEvent(0, 1, tuple(Cell(text, state) for text, state in cells))


@pytest.mark.parametrize(
    ("cells", "doubted"),
    [
        ([("x = ", CellState.LOCKED), ("bar", CellState.COMMITTED)], True),
        ([("x = f", CellState.COMMITTED), ("oo", CellState.COMMITTED)], False),
        ([("x = ", CellState.LOCKED), ("", CellState.MASKED), ("bar", CellState.COMMITTED)], False),
        ([("x = ", CellState.LOCKED), ("bar", CellState.DRAFTED)], False),
        ([("other", CellState.COMMITTED)], False),
    ],
)
async def test_committed_tokens_that_contradict_end_the_wait(
    bench: Bench,
    settled: Settled,
    cells: list[tuple[str, CellState]],
    doubted: bool,
) -> None:
    """As soon as what is committed cannot become what was typed, a new request is made."""
    bench.engine.open.clear()
    bench.engine.script = ["foo", "oo"]
    older = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    bench.edit(4, 4, "f")
    newer = asyncio.create_task(bench.ask(5))
    await settled()
    bench.engine.on_frame(frame(*cells))
    await settled()
    assert bench.engine.withdrawn == doubted
    assert len(bench.engine.requests) == 1 + doubted
    bench.engine.open.set()
    await asyncio.gather(older, newer)


async def test_a_changed_document_is_not_answered_late(bench: Bench, settled: Settled) -> None:
    """An answer for an older snapshot is not shown, but kept for the request that follows."""
    bench.engine.open.clear()
    bench.engine.script = ["foo"]
    task = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    bench.edit(4, 4, "f")
    bench.engine.open.set()
    assert (await task).silence is Silence.STALE
    assert texts(await bench.ask(5)) == ["oo"]


async def test_closing_ends_the_request(bench: Bench, settled: Settled) -> None:
    """A document closed meanwhile withdraws its request and forgets its answers."""
    bench.engine.open.clear()
    task = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    bench.documents.close("a")
    assert (await task).silence is Silence.STALE
    assert bench.engine.withdrawn == 1


@pytest.mark.parametrize("returns", [True, False])
async def test_a_cancelled_request_waits_for_the_next_keystroke(
    bench: Bench,
    settled: Settled,
    returns: bool,
) -> None:
    """After a cancel the work goes on for a moment, to be taken over by the next keystroke or withdrawn."""
    bench.engine.open.clear()
    bench.engine.script = ["foo"]
    task = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    bench.clock.held = asyncio.Event()
    task.cancel()
    await settled()
    assert task.cancelled()
    assert bench.clock.slept == [GRACE_S]
    assert bench.engine.withdrawn == 0
    if returns:
        bench.edit(4, 4, "f")
        newer = asyncio.create_task(bench.ask(5))
        await settled()
    bench.clock.held.set()
    await settled()
    assert bench.engine.withdrawn == (not returns)
    if returns:
        bench.engine.open.set()
        assert texts(await newer) == ["oo"]


async def test_a_cancel_during_the_debounce_ends_all(bench: Bench, settled: Settled) -> None:
    """What has not reached the engine is dropped at once."""
    bench.choose(debounce_ms=60)
    bench.clock.held = asyncio.Event()
    task = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    task.cancel()
    await settled()
    assert bench.completer._flights == {}
    assert bench.engine.requests == []


async def test_closing_the_completer_ends_everything(bench: Bench, settled: Settled) -> None:
    """Nothing is left running."""
    bench.engine.open.clear()
    task = asyncio.create_task(bench.complete("x = |\n"))
    await settled()
    await bench.completer.close()
    assert (await task).silence is Silence.STALE
    assert bench.completer._flights == {}


async def test_a_bug_reaches_the_caller(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """What is not an expected failure is raised and logged, and the next request works."""
    bench.engine.script = [ZeroDivisionError("a bug"), "1"]
    with pytest.raises(ZeroDivisionError):
        await bench.complete("x = |\n")
    assert "a completion failed" in caplog.text
    assert texts(await bench.complete("x = |\n")) == ["1"]


async def test_a_broken_fill_is_repaired(bench: Bench) -> None:
    """A fill that breaks the syntax is denoised again, with it to be avoided."""
    bench.engine.script = ["foo bar", "foo()"]
    assert texts(await bench.complete("x = |\ny = 1\n")) == ["foo()"]
    assert bench.engine.requests[1].holes[0].avoid == ("x = foo bar",)


async def test_a_broken_fill_is_mended_by_another_decode(bench: Bench) -> None:
    """By diffusion alone first, then by the base; each time avoiding all that was rejected."""
    bench.engine.script = ["foo bar", "foo baz", "foo()"]
    assert texts(await bench.complete("x = |\ny = 1\n")) == ["foo()"]
    requests = bench.engine.requests
    assert [each.sampling.decode for each in requests] == [Decode.AUTO, Decode.CONFIDENCE, Decode.VERIFIED]
    assert requests[2].holes[0].avoid == ("x = foo bar", "x = foo baz")


async def test_diffusion_alone_is_mended_by_the_base(bench: Bench) -> None:
    """Who chose a decode that writes without the base gets the base's word on what it breaks."""
    bench.settings = replace(bench.settings, engine=EngineSettings(decode="confidence"))
    bench.engine.script = ["foo bar", "foo()"]
    await bench.complete("x = |\ny = 1\n")
    assert bench.engine.requests[1].sampling.decode is Decode.VERIFIED


async def test_repair_stays_within_the_budget(bench: Bench) -> None:
    """The second request gets what is left of the time, and is not made when nothing is left."""
    bench.choose(budget_ms=1000)

    def spend(seconds: float) -> None:
        bench.clock.now += seconds

    bench.engine.during = lambda: spend(0.7)
    bench.engine.script = ["foo bar", "foo()"]
    await bench.complete("x = |\ny = 1\n")
    assert [request.budget_ms for request in bench.engine.requests] == [1000, 300]
    bench.engine.during = lambda: spend(0.9)
    bench.engine.script = ["foo bar"]
    await bench.complete("z = |\ny = 1\n")
    assert len(bench.engine.requests) == 3


@pytest.mark.parametrize(
    ("marked", "fill", "left"),
    [
        ("x = |\ny = 1\n", "foo bar", ["foo"]),
        ("def f():\n    |\n", "a = 1\n    b = c d", ["a = 1"]),
        ("x = |\ny = 1\n", "= =", []),
    ],
)
async def test_what_cannot_be_repaired_is_cut_back(
    bench: Bench, marked: str, fill: str, left: list[str]
) -> None:
    """Failing a repair, the longest sound part is offered, else nothing."""
    bench.engine.script = [fill, EngineFailed("no")]
    completion = await bench.complete(marked)
    assert texts(completion) == left
    assert completion.silence is (None if left else Silence.BREAKS_SYNTAX)


@pytest.mark.parametrize(
    ("stop", "left"), [(Stop.BUDGET, "a = 1\n    b = fo"), (Stop.LENGTH, "a = 1")], ids=["budget", "length"]
)
async def test_a_line_cut_short_is_left_out(bench: Bench, stop: Stop, left: str) -> None:
    """Out of length the unfinished last line goes, unless it is all there is; out of time it went before."""
    bench.engine.stop = stop
    bench.engine.script = ["a = 1\n    b = fo", "retu"]
    assert texts(await bench.complete("def f():\n    |\n")) == [left]
    assert texts(await bench.complete("def g():\n    |\n")) == ["retu"]


@pytest.mark.parametrize(
    "text",
    ["x" * 5_000_000, "a\0b", "x = 1\n" * 50_000, "\n" * 50_000, "[" * 20_000, "{'a': '" + "b" * 1_900_000],
    ids=["5 MB line", "binary", "50,000 lines", "blank lines", "brackets", "open string"],
)
async def test_monstrous_documents_are_answered(bench: Bench, text: str) -> None:
    """Size and rubbish end in a suggestion or a reason, never in an error."""
    bench.engine.script = ["y", "y"]
    bench.open(text)
    completion = await bench.ask(len(text))
    assert bool(completion.suggestions) != bool(completion.silence)


async def test_an_unknown_language_is_plain_text(bench: Bench) -> None:
    """Without a grammar there are still suggestions."""
    bench.engine.script = ["lines"]
    assert texts(await bench.complete("some |", language="klingon")) == ["lines"]


async def test_accepting_is_counted(bench: Bench) -> None:
    """Suggestions count as shown, then as accepted by their id; made up ids count nothing."""
    bench.engine.script = ["foo"]
    (suggestion,) = (await bench.complete("x = |\n")).suggestions
    assert bench.completer.tally.fates == {Fate.SHOWN: 1}
    assert bench.completer.accepted(suggestion.id)
    assert not bench.completer.accepted("made up")
    assert +bench.completer.tally.fates == {Fate.ACCEPTED: 1}


@pytest.fixture
def looking_ahead(bench: Bench) -> Bench:
    bench.choose(ahead=True)
    return bench


async def test_what_follows_a_suggestion_is_made_before_it_is_accepted(
    looking_ahead: Bench, settled: Settled
) -> None:
    """With the suggestion applied, at low priority; accepting it then asks nothing."""
    bench = looking_ahead
    bench.engine.script = ["foo", ".bar", ".baz"]
    assert texts(await bench.complete("x = |\n")) == ["foo"]
    await settled()
    first, second = bench.engine.requests
    assert (first.ahead, second.ahead) == (False, True)
    assert second.text == "x = foo\n"
    bench.edit(4, 4, "foo")
    assert texts(await bench.ask(7)) == [".bar"]
    assert [each.ahead for each in bench.engine.requests[2:]] == []
    await settled()
    assert bench.engine.requests[2].text == "x = foo.bar\n"


async def test_that_nothing_follows_is_known_ahead(looking_ahead: Bench, settled: Settled) -> None:
    """An empty fill behind a suggestion is kept too: accepting it asks nothing."""
    bench = looking_ahead
    bench.engine.script = ["foo", "", "again"]
    await bench.complete("x = |\n")
    await settled()
    bench.edit(4, 4, "foo")
    assert (await bench.ask(7)).silence is Silence.EMPTY
    assert len(bench.engine.requests) == 2
    assert texts(await bench.ask(7, invoked=True)) == ["again"]


async def test_what_follows_the_selected_entry_is_made_too(looking_ahead: Bench, settled: Settled) -> None:
    """The suggestion that continues a popup's entry is applied in the entry's range."""
    bench = looking_ahead
    bench.engine.script = ["(1)", " + 2"]
    await bench.complete("x = pri|\n", selected=Edit(Span(4, 7), "print"))
    await settled()
    assert bench.engine.requests[1].text == "x = print(1)\n"


@pytest.mark.parametrize("reason", ["setting", "battery"])
async def test_nothing_is_made_ahead_unless_it_may(
    looking_ahead: Bench, settled: Settled, reason: str
) -> None:
    """Neither against the settings nor on a battery."""
    bench = looking_ahead
    if reason == "setting":
        bench.choose(ahead=False)
    bench.has_power = reason != "battery"
    bench.engine.script = ["a(", "b)"]
    await bench.complete("x = |\n")
    await settled()
    assert len(bench.engine.requests) == 1


async def test_typing_something_else_ends_what_is_made_ahead(looking_ahead: Bench, settled: Settled) -> None:
    """The user's own request is what counts; typing along the suggestion leaves it be."""
    bench = looking_ahead
    bench.engine.script = ["ab", "c", "d"]
    await bench.complete("x = |\n")
    bench.engine.open.clear()
    await settled()
    bench.edit(4, 4, "a")
    assert texts(await bench.ask(5)) == ["b"]
    await settled()
    assert (len(bench.engine.requests), bench.engine.withdrawn) == (2, 0)
    bench.edit(5, 5, "z")
    asked = asyncio.create_task(bench.ask(6))
    await settled()
    assert (len(bench.engine.requests), bench.engine.withdrawn) == (3, 1)
    bench.engine.open.set()
    assert texts(await asked) == ["c"]


@pytest.mark.parametrize(("ahead", "asked_for"), [(".bar", 1), (EngineUnavailable("gone"), 2)])
async def test_an_answer_being_made_ahead_is_waited_for(
    looking_ahead: Bench, settled: Settled, ahead: object, asked_for: int
) -> None:
    """Who accepts early takes it over; if it comes to nothing the question is asked."""
    bench = looking_ahead
    bench.engine.script = ["foo", ahead, ".bar", ".baz"]
    await bench.complete("x = |\n")
    bench.engine.open.clear()
    await settled()
    bench.edit(4, 4, "foo")
    asked = asyncio.create_task(bench.ask(7))
    await settled()
    assert len(bench.engine.requests) == 2
    bench.engine.open.set()
    assert texts(await asked) == [".bar"]
    assert sum(not each.ahead for each in bench.engine.requests) == asked_for


async def test_a_broken_fill_is_not_mended_ahead(looking_ahead: Bench, settled: Settled) -> None:
    """Nobody waits for it, so it is left."""
    bench = looking_ahead
    bench.engine.script = ["a", " b c"]
    await bench.complete("x = |\n")
    await settled()
    assert len(bench.engine.requests) == 2
