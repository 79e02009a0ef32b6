"""What is read before anything is asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from lsp_server.core.settings import ContextSettings
from lsp_server.core.types import Silence
from lsp_server.engine.client import EngineStatus
from lsp_server.service.ahead import MOST_PLACES, PAUSE_S, REST_S, ReadAhead
from tests.unit.service.conftest import Bench, settle

pytestmark = pytest.mark.asyncio

TEXT = "first = 1\nsecond = 2\nthird = 3\n"


@dataclass
class Reading(Bench):
    """With what reads ahead."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.choose(ahead=True)
        self.ahead = ReadAhead(
            documents=self.documents,
            gate=self.gate,
            asker=self.asker,
            engine=self.engine,
            settings_for=lambda _: self.settings,
            sleep=self.clock.sleep,
            has_power=lambda: self.has_power,
        )


@pytest.fixture
def reading() -> Reading:
    return Reading()


async def done(bench: Reading) -> None:
    """Until it waits for what a test holds back, or has read."""
    await settle()
    if bench.ahead.under_way and bench.clock.held is None:
        await asyncio.wait([bench.ahead.under_way])


def let_go(bench: Reading) -> None:
    assert bench.clock.held
    bench.clock.held.set()
    bench.clock.held = None


def places(bench: Reading) -> list[tuple[str, int]]:
    """Text before the hole, and the cursor, of what was asked to be read."""
    assert all(each.read_only and each.ahead for each in bench.engine.requests)
    return [(each.text[: each.holes[0].start], each.holes[0].end) for each in bench.engine.requests]


async def test_around_a_cursor_at_rest_is_read(reading: Reading) -> None:
    """With the hole that a fill there would have: from its line's start."""
    reading.open(TEXT)
    reading.ahead.rests("a", 13)
    await done(reading)
    assert places(reading) == [("first = 1\n", 13)]
    assert reading.clock.slept == [REST_S]


async def test_what_is_read_is_what_a_fill_is_shown(reading: Reading) -> None:
    """Text and hole are the same, so that nothing is left to be read."""
    reading.open(TEXT)
    reading.ahead.rests("a", 19)
    await done(reading)
    reading.choose(ahead=False)
    reading.engine.script = ["0"]
    await reading.ask(19)
    read, filled = reading.engine.requests
    assert (read.text, read.snippets, read.path) == (filled.text, filled.snippets, filled.path)
    assert [(hole.start, hole.end) for hole in read.holes] == [
        (hole.start, hole.end) for hole in filled.holes
    ]


async def test_it_takes_no_place_of_a_fill(reading: Reading) -> None:
    """The engine withdraws older requests of a document: one that only reads is of none."""
    reading.open(TEXT)
    reading.ahead.opened("a")
    await done(reading)
    assert [each.document for each in reading.engine.requests] == [""]


async def test_an_opened_document_is_read_from_its_start(reading: Reading) -> None:
    """As far as a window reaches that begins there, at the start of a line."""
    reading.settings = replace(reading.settings, context=ContextSettings(prefix_tokens=8))
    reading.open(TEXT, key="long")
    reading.open("x = 1\n", key="short")
    for key in ("long", "short"):
        reading.ahead.opened(key)
        await done(reading)
    assert places(reading) == [("first = 1\nsecond = 2\n", 21), ("x = 1\n", 6)]


async def test_a_document_that_is_opened_again_is_read_where_the_cursor_was(reading: Reading) -> None:
    """As far as the text still reaches there."""
    reading.open(TEXT)
    reading.ahead.rests("a", 22)
    reading.documents.close("a")
    await done(reading)
    reading.open(TEXT)
    reading.ahead.opened("a")
    await done(reading)
    reading.open("short\n")
    reading.ahead.opened("a")
    await done(reading)
    assert [cursor for _, cursor in places(reading)] == [22, 6]


async def test_the_place_heard_of_last_counts(reading: Reading) -> None:
    """A cursor that moves on is waited for; another document withdraws what is under way."""
    reading.clock.held = asyncio.Event()
    reading.open(TEXT)
    reading.open("x = 1\n", key="b")
    for offset in range(10, 16):
        reading.ahead.rests("a", offset)
        await done(reading)
    reading.ahead.rests("b", 3)
    let_go(reading)
    await done(reading)
    assert [cursor for _, cursor in places(reading)] == [3]


async def test_a_pause_in_typing_is_used(reading: Reading) -> None:
    """Behind what was typed last; for clients that ask for completions by hand only."""
    reading.open(TEXT)
    reading.edit(10, 10, "more\n")
    await done(reading)
    assert places(reading) == [("first = 1\nmore\n", 15)]
    assert reading.clock.slept == [PAUSE_S]


@pytest.mark.parametrize("reason", ["setting", "battery", "private", "snoozed", "engine", "closed"])
async def test_nothing_is_read_unless_it_may(reading: Reading, reason: str) -> None:
    """Not against settings, on a battery, of private or ignored files, nor to start an engine."""
    reading.open(TEXT)
    match reason:
        case "setting":
            reading.choose(ahead=False)
        case "battery":
            reading.has_power = False
        case "private":
            reading.excluded = Silence.PRIVATE_FILE
        case "snoozed":
            reading.gate.snooze(5)
        case "engine":
            reading.engine.status = EngineStatus("stopped", "")
        case "closed":
            reading.documents.close("a")
    reading.ahead.opened("a")
    reading.ahead.rests("a", 5)
    await done(reading)
    assert reading.engine.requests == []


async def test_closing_ends_what_waits(reading: Reading) -> None:
    """The document, or everything."""
    reading.clock.held = asyncio.Event()
    reading.open(TEXT)
    reading.ahead.rests("a", 5)
    await done(reading)
    reading.documents.close("a")
    reading.open(TEXT, key="b")
    reading.ahead.rests("b", 5)
    await done(reading)
    await reading.ahead.close()
    let_go(reading)
    await done(reading)
    assert reading.engine.requests == []


async def test_only_so_many_places_are_remembered(reading: Reading) -> None:
    """The oldest goes."""
    for number in range(MOST_PLACES + 1):
        reading.open(TEXT, key=str(number))
        reading.ahead.rests(str(number), 10)
    await done(reading)
    for key in ("0", "1"):
        reading.ahead.opened(key)
        await done(reading)
    assert [cursor for _, cursor in places(reading)][1:] == [len(TEXT), 10]
