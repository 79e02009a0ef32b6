from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send

from lsp_server.engine.runtime.idle import CountRequests, Idle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("minutes", "now", "expired"), [(1, 59.9, False), (1, 60, True), (0, 1e9, False)])
def test_it_expires_after_its_minutes(minutes: float, now: float, *, expired: bool) -> None:
    """And never if there are none."""
    clock = Clock()
    idle = Idle(minutes, clock)
    clock.now = now
    assert idle.expired() is expired


def test_the_time_counts_from_the_end_of_the_last_request() -> None:
    """Nothing expires while a request is open, however long."""
    clock = Clock()
    idle = Idle(1, clock)
    idle.begin()
    idle.begin()
    idle.end()
    clock.now = 600
    assert not idle.expired()
    idle.end()
    assert not idle.expired()
    clock.now = 660
    assert idle.expired()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "path", "counted"),
    [("http", "/v1/fill", True), ("http", "/health", False), ("lifespan", "", False)],
)
async def test_only_requests_to_the_model_count(kind: str, path: str, *, counted: bool) -> None:
    """Looking at the health does not keep an engine awake; a failing request is over all the same."""
    clock = Clock()
    idle = Idle(1, clock)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        clock.now = 120
        assert idle.expired() is not counted
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await CountRequests(app, idle)({"type": kind, "path": path}, None, None)  # type: ignore[arg-type]
    assert idle.expired() is not counted
    clock.now = 180
    assert idle.expired()


@pytest.mark.asyncio
async def test_what_nobody_asked_for_does_not_keep_it_awake() -> None:
    """While it runs the engine stays; then it is as idle as before."""
    clock = Clock()
    idle = Idle(1, clock)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["unasked"] = True
        clock.now = 120
        assert not idle.expired()

    await CountRequests(app, idle)({"type": "http", "path": "/v1/fill"}, None, None)  # type: ignore[arg-type]
    assert idle.expired()
