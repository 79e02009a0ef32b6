from __future__ import annotations

import pytest

from lsp_server.core.types import SILENCE_TEXT, Silence
from lsp_server.engine.client import EngineStatus
from lsp_server.service.status import ServiceStatus, StatusBoard


def engine(phase: str, message: str = "", progress: float | None = None, hint: str = "") -> EngineStatus:
    return EngineStatus(phase=phase, message=message, progress=progress, hint=hint)


def shown(kind: str, message: str, silence: Silence | None = None, *, busy: bool = False) -> ServiceStatus:
    return ServiceStatus(kind, busy=busy, message=message, silence=silence)


def said(kind: str, silence: Silence) -> ServiceStatus:
    return shown(kind, SILENCE_TEXT[silence], silence)


@pytest.mark.parametrize(
    ("state", "silence", "expected"),
    [
        (engine("ready"), None, ServiceStatus()),
        (engine("busy"), None, shown("Normal", "", busy=True)),
        (
            engine("loading", "loading the model", 0.5),
            Silence.ENGINE_STARTING,
            shown("Normal", "loading the model (50%)", Silence.ENGINE_STARTING, busy=True),
        ),
        (engine("starting"), None, shown("Normal", "the engine is starting", busy=True)),
        (engine("failed", "it broke", hint="See the log"), None, shown("Error", "it broke. See the log")),
        (engine("ready"), Silence.EMPTY, said("Normal", Silence.EMPTY)),
        (engine("loading"), Silence.SNOOZED, said("Inactive", Silence.SNOOZED)),
        (engine("stopped"), Silence.MODEL_MISSING, said("Error", Silence.MODEL_MISSING)),
        (engine("stopped"), Silence.ENGINE_DOWN, said("Warning", Silence.ENGINE_DOWN)),
    ],
)
def test_the_line_for_the_user(state: EngineStatus, silence: Silence | None, expected: ServiceStatus) -> None:
    """Engine and silence together give one kind, one message and the reason."""
    board = StatusBoard()
    board.engine(state)
    board.silence(silence)
    assert board.current == expected


def test_only_changes_are_told() -> None:
    """Subscribers hear of each new status once, and of none that stays the same."""
    board, heard = StatusBoard(), []
    board.subscribe(heard.append)
    board.silence(None)
    board.engine(engine("ready"))
    with board.working(), board.working():
        assert board.current.busy
    board.silence(Silence.SUPERSEDED)
    assert [status.busy for status in heard] == [True, False]


def test_a_ready_engine_ends_its_own_silence() -> None:
    """Once the engine is ready its earlier absence is no longer the message."""
    board = StatusBoard()
    board.silence(Silence.ENGINE_STARTING)
    board.engine(engine("ready"))
    assert board.current == ServiceStatus()
    board.silence(Silence.EMPTY)
    board.engine(engine("busy"))
    assert board.current.silence is Silence.EMPTY


def test_the_sign_that_code_leaves_stays() -> None:
    """While the remote engine works, rests, or has nothing to say; a silent file has no sign."""
    board = StatusBoard()
    for phase in ("ready", "busy"):
        board.engine(EngineStatus(phase, "", remote="gpu-box"))
        assert (board.current.message, board.current.remote) == ("remote: gpu-box", "gpu-box")
    board.silence(Silence.EMPTY)
    assert board.current.message == f"{SILENCE_TEXT[Silence.EMPTY]}; remote: gpu-box"
    assert board.current.kind == "Normal"
    board.silence(Silence.PRIVATE_FILE)
    assert (board.current.kind, board.current.remote) == ("Inactive", "")


def test_a_notice_is_a_warning_and_part_of_an_error() -> None:
    """As that answers come from this machine for now, and that its model is not there either."""
    board = StatusBoard()
    board.engine(EngineStatus("ready", "", notice="gpu-box does not answer"))
    assert board.current == ServiceStatus("Warning", message="gpu-box does not answer")
    board.engine(EngineStatus("failed", "no model", hint="Pull it", notice="gpu-box does not answer"))
    assert board.current.message == "gpu-box does not answer. no model. Pull it"
