from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.engine.client import EngineStatus
from lsp_server.lsp.progress import EngineProgress, shown_work

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
CREATE = "window/workDoneProgress/create"


def kinds(wire: Wire) -> list[str]:
    return [each["value"]["kind"] for each in wire.told("$/progress")]


async def test_work_is_shown_from_begin_to_end(wire: Wire, vs_code: dict[str, Any]) -> None:
    """The client makes room, then sees begin, reports and end under one token."""
    wire.replies[CREATE] = None
    await wire.start(vs_code)
    async with shown_work(wire.server, "Work") as work:
        await wire.settle()
        work.report("half", 50)
    assert kinds(wire) == ["begin", "report", "end"]
    tokens = {each["token"] for each in wire.told("$/progress")} | {
        each["token"] for each in wire.told(CREATE)
    }
    assert tokens == {work.token}


async def test_the_clients_own_token_needs_no_room(wire: Wire) -> None:
    """A request's token is used at once, even if the client announced nothing."""
    await wire.start()
    async with shown_work(wire.server, "Work", "mine"):
        pass
    assert kinds(wire) == ["begin", "end"]
    assert wire.told(CREATE) == []
    assert wire.told("$/progress")[0]["token"] == "mine"


async def test_a_client_without_progress_sees_none(wire: Wire) -> None:
    """Nothing is created for a client that did not announce it."""
    await wire.start()
    async with shown_work(wire.server, "Work"):
        await wire.settle()
    assert (wire.told(CREATE), wire.told("$/progress")) == ([], [])


@pytest.mark.parametrize("reply", [RuntimeError("no room"), None])
async def test_short_or_refused_work_leaves_nothing_behind(
    wire: Wire, vs_code: dict[str, Any], reply: object
) -> None:
    """Work over before the client answered, or refused by it, is never begun."""
    wire.replies[CREATE] = reply
    await wire.start(vs_code)
    async with shown_work(wire.server, "Work"):
        if reply:
            await wire.settle()
    await wire.settle()
    assert kinds(wire) == []


async def test_the_user_can_cancel_it(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Cancelling the progress cancels the task that shows it, once; other tokens mean nothing."""
    wire.replies[CREATE] = None
    await wire.start(vs_code)

    async def work() -> None:
        async with shown_work(wire.server, "Work"):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await wire.settle()
    wire.notify("window/workDoneProgress/cancel", {"token": "other"})
    wire.notify("window/workDoneProgress/cancel", {"token": wire.told(CREATE)[0]["token"]})
    with pytest.raises(asyncio.CancelledError):
        await task
    assert kinds(wire) == ["begin", "end"]
    assert wire.server.running == {}


async def test_the_engines_start_is_one_progress(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Starting and loading are one bar that begins once and ends once."""
    wire.replies[CREATE] = None
    await wire.start(vs_code)
    progress = EngineProgress(wire.server)
    progress.update(EngineStatus("stopped", "", None))
    progress.update(EngineStatus("starting", "starting the engine", None))
    await wire.settle()
    progress.update(EngineStatus("loading", "reading weights", 0.5))
    progress.update(EngineStatus("ready", "", None))
    progress.update(EngineStatus("busy", "", None))
    assert kinds(wire) == ["begin", "report", "end"]
    assert [each["value"].get("percentage") for each in wire.told("$/progress")] == [0, 50, None]
