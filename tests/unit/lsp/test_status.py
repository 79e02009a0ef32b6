from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.core.types import Silence
from lsp_server.engine.client import EngineStatus
from lsp_server.lsp.status import status_params
from lsp_server.service.status import ServiceStatus

if TYPE_CHECKING:
    from conftest import Wire


@pytest.mark.parametrize(
    ("status", "params"),
    [
        (ServiceStatus(), {"busy": False, "kind": "Normal", "message": ""}),
        (
            ServiceStatus("Inactive", busy=False, message="snoozed", silence=Silence.SNOOZED),
            {"busy": False, "kind": "Inactive", "silence": "snoozed"},
        ),
        (ServiceStatus("Warning", message="slow"), {"busy": False, "kind": "Warning", "message": "slow"}),
        (
            ServiceStatus(message="remote: h", remote="h"),
            {"busy": False, "kind": "Normal", "message": "remote: h", "remote": "h"},
        ),
        (ServiceStatus("Error", message="no model"), {"busy": False, "kind": "Error", "message": "no model"}),
    ],
)
def test_each_kind_has_the_members_its_readers_want(status: ServiceStatus, params: dict[str, object]) -> None:
    """Inactive comes without a message, the others with one; the reason for silence is always told."""
    assert status_params(status) == params


def test_an_error_never_comes_without_a_message() -> None:
    """copilot-lsp reads it unasked."""
    assert status_params(ServiceStatus("Error"))["message"]


@pytest.mark.asyncio
async def test_the_client_is_told_only_after_initialized(wire: Wire) -> None:
    """Before, a change of status waits; with `initialized` the current one is sent."""
    board = wire.server.services.board
    board.engine(EngineStatus("loading", "loading the model", 0.5))
    await wire.settle()
    assert wire.told("didChangeStatus") == []
    await wire.start()
    assert wire.told("didChangeStatus")[0]["busy"] is True
    board.engine(EngineStatus("ready", "", None))
    board.silence(Silence.NOT_HERE)
    assert wire.told("didChangeStatus")[-1]["silence"] == "not-here"


@pytest.mark.asyncio
async def test_an_error_is_shown_once(wire: Wire) -> None:
    """Clients that know nothing of the status show a message; the same error is not shown again."""
    await wire.start()
    board = wire.server.services.board
    for _ in range(2):
        board.engine(EngineStatus("failed", "no model", hint="Pull it"))
        board.engine(EngineStatus("ready", ""))
    assert [each["message"] for each in wire.told("window/showMessage")] == ["Remask: no model. Pull it"]


@pytest.mark.asyncio
async def test_a_client_that_shows_errors_itself_gets_no_message(wire: Wire) -> None:
    """It said so; it would show them twice."""
    await wire.start({"experimental": {"remaskStatus": True}})
    wire.server.services.board.engine(EngineStatus("failed", "no model"))
    assert wire.told("didChangeStatus")[-1]["kind"] == "Error"
    assert wire.told("window/showMessage") == []
