"""What is computed with, by measurement and by choice."""

from __future__ import annotations

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.runtime import backends
from lsp_server.engine.runtime.backends import Backend, Measurement, choose_backend, describe_cached, measured
from lsp_server.engine.runtime.numba.processor import lanes

TIMES = {"torch fp32": 4.0, "torch bf16": 2.0, "torch int8": 3.0, "openvino int8": 1.0, "numba int8": 1.5}


@pytest.fixture(autouse=True)
def no_cache(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMASK_CACHE_DIR", str(tmp_path))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (EngineSettings(), "openvino int8"),
        (EngineSettings(backend="torch"), "torch bf16"),
        (EngineSettings(backend="numba"), "numba int8"),
        (EngineSettings(precision="int8", backend="torch"), "torch int8"),
        (EngineSettings(precision="fp32"), "torch fp32"),
    ],
)
def test_the_fastest_of_what_is_allowed(settings: EngineSettings, expected: str) -> None:
    """Settings narrow the choice, the measurement makes it."""
    assert Measurement("here", TIMES).fastest(settings) == expected


def test_what_cannot_be_had_is_said() -> None:
    """A precision that the chosen framework lacks is refused, with what there is."""
    with pytest.raises(BadInput, match="nothing here computes bf16 with openvino") as caught:
        Measurement("here", TIMES).fastest(EngineSettings(precision="bf16", backend="openvino"))
    assert "torch bf16" in str(caught.value)


def test_a_choice_names_its_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    """Device, precision, framework and threads come of settings and measurement."""
    monkeypatch.setattr(backends, "_measure", lambda threads: TIMES)
    chosen = choose_backend(EngineSettings(device="cpu", threads=1))
    assert chosen == Backend("cpu", "int8", 1, "openvino")
    assert chosen.describe() == "cpu, int8 by openvino, 1 threads"


def test_it_is_said_before_a_machine_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first start takes a while, and people are told why; later ones have nothing to say."""
    said: list[str] = []
    monkeypatch.setattr(backends, "_measure", lambda threads: said.append("measured") or TIMES)
    for _ in range(2):
        choose_backend(EngineSettings(device="cpu", threads=1), lambda: said.append("said"))
    assert said == ["said", "measured"]


def test_a_machine_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start reads what this one wrote; another number of threads is another machine."""
    calls: list[int] = []
    monkeypatch.setattr(backends, "_measure", lambda threads: calls.append(threads) or TIMES)
    assert describe_cached() is None
    assert measured(2) == measured(2)
    assert calls == [2]
    measured(1)
    assert calls == [2, 1]
    assert "openvino int8 1.00 ms" in (describe_cached() or "")


def test_every_way_can_be_measured() -> None:
    """The real products run, OpenVINO's and the compiled ones among them."""
    expected = {"torch fp32", "torch bf16", "openvino int8", *(["numba int8"] if lanes() else [])}
    assert set(backends._measure(1)) >= expected
