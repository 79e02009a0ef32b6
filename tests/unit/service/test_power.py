from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from lsp_server.service.power import on_mains


@pytest.mark.parametrize(
    ("plugged", "spare"), [(True, True), (False, False), (None, True)], ids=["mains", "battery", "unknown"]
)
def test_a_battery_in_use_is_spared(
    monkeypatch: pytest.MonkeyPatch, plugged: bool | None, spare: bool
) -> None:
    """Only a machine known to run on its battery has no power to spare."""
    battery = SimpleNamespace(power_plugged=plugged)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert on_mains() == spare


def test_a_machine_without_battery_has_power(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the system cannot tell, or fails to."""

    def fails() -> None:
        raise FileNotFoundError

    for look in (fails, lambda: None):
        monkeypatch.setattr(psutil, "sensors_battery", look, raising=False)
        assert on_mains()
    monkeypatch.delattr(psutil, "sensors_battery")
    assert on_mains()
