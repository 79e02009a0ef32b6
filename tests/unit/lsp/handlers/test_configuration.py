from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.core.types import Document

if TYPE_CHECKING:
    from conftest import Wire

pytestmark = pytest.mark.asyncio
PULL, REGISTER, PUSH = (
    "workspace/configuration",
    "client/registerCapability",
    "workspace/didChangeConfiguration",
)
ONE, TWO = (Path(name).absolute() for name in ("/one", "/two"))


def warnings(wire: Wire) -> list[str]:
    return [each["message"] for each in wire.told("window/logMessage")]


async def test_options_at_start_hold_at_once(wire: Wire) -> None:
    """`initializationOptions` need no further question."""
    await wire.start(initializationOptions={"remask": {"model": "mine"}})
    assert wire.server.services.configuration.settings.model == "mine"


async def test_settings_are_pulled_for_each_folder(wire: Wire, vs_code: dict[str, Any]) -> None:
    """One question asks outside folders and for every folder."""
    wire.replies |= {REGISTER: None, PULL: [{"model": "all"}, {"model": "one"}, None]}
    folders = [{"uri": path.as_uri(), "name": path.name} for path in (ONE, TWO)]
    await wire.start(vs_code, workspaceFolders=folders)
    assert wire.told(PULL)[0]["items"] == [
        {"section": "remask"},
        {"scopeUri": ONE.as_uri(), "section": "remask"},
        {"scopeUri": TWO.as_uri(), "section": "remask"},
    ]
    asked = [Document("k", "python", "", path / "a.py") for path in (ONE, TWO)]
    models = [wire.server.services.configuration.settings_for(each).model for each in asked]
    assert models == ["one", "all"]
    registration = wire.told(REGISTER)[0]["registrations"][0]
    assert (registration["method"], registration["registerOptions"]) == (PUSH, {"section": "remask"})


async def test_a_change_is_pulled_again(wire: Wire, vs_code: dict[str, Any]) -> None:
    """Clients that answer questions send the notification without content."""
    wire.replies |= {REGISTER: None, PULL: [{}]}
    await wire.start(vs_code)
    wire.replies[PULL] = [{"enable": False}]
    wire.notify(PUSH, {"settings": None})
    await wire.settle()
    assert wire.server.services.configuration.settings.enable is False


async def test_a_change_may_bring_the_settings(wire: Wire) -> None:
    """Clients that cannot be asked push, with or without the section's name."""
    await wire.start()
    wire.notify(PUSH, {"settings": {"remask": {"enable": False}}})
    assert wire.server.services.configuration.settings.enable is False
    wire.notify(PUSH, {"settings": {"enable": True}})
    assert wire.server.services.configuration.settings.enable is True
    assert wire.told(PULL) == []


@pytest.mark.parametrize("settings", [None, [], 3, "x", {"remask": None}, {"remask": []}])
async def test_settings_that_are_none_change_nothing(wire: Wire, settings: object) -> None:
    """Whatever is pushed, the server goes on with what it has."""
    await wire.start(initializationOptions={"model": "mine"})
    wire.notify(PUSH, {"settings": settings})
    assert wire.server.services.configuration.settings.model == "mine"


@pytest.mark.parametrize("reply", [RuntimeError("no"), None, [], [3], ["x", "y"], 7, {"a": 1}])
async def test_a_client_that_answers_nonsense_leaves_the_settings(
    wire: Wire, vs_code: dict[str, Any], reply: object
) -> None:
    """No answer of a client takes the settings away."""
    wire.replies |= {REGISTER: RuntimeError("no"), PULL: reply}
    await wire.start(vs_code, initializationOptions={"model": "mine"})
    assert wire.told(PULL)
    assert wire.server.services.configuration.settings.model == "mine"


async def test_mistakes_are_told_once(wire: Wire) -> None:
    """A bad value and an unknown key are named in the client's log, not again at the next change."""
    await wire.start(initializationOptions={"colour": 1, "enable": "yes"})
    wire.notify(PUSH, {"settings": {"colour": 1}})
    assert len(warnings(wire)) == 2
    assert any("remask.colour" in each for each in warnings(wire))
    assert any("remask.enable" in each for each in warnings(wire))
