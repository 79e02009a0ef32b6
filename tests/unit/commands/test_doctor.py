"""The doctor finds what is wrong, says what to do, and exits accordingly."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.commands import _checks
from lsp_server.commands._checks import Check, check_all
from lsp_server.engine.address import Address, address_path, write_address
from lsp_server.engine.protocol import EngineState, Health
from lsp_server.engine.store import manifest
from lsp_server.engine.store.manifest import ModelEntry


@pytest.fixture(autouse=True)
def _adapter_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapter belongs to the real base, not to the small file that stands for it."""
    from lsp_server.engine.store.adapter import read_adapter
    from lsp_server.engine.store.files import adapter_path

    monkeypatch.setattr(_checks, "adapter_info", lambda model: read_adapter(adapter_path(model)))


def _find(name: str, model: ModelEntry) -> Check:
    return next(check for check in check_all(model.name) if check.name == name)


def test_sound_installation(model: ModelEntry, installed: Path) -> None:
    """With everything in place nothing is a problem and the exit status is 0."""
    result = CliRunner().invoke(cli.app, ["doctor", "--json"])
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (0, True)
    assert str(installed) in next(one["value"] for one in report["checks"] if one["name"] == "model")


def test_missing_model(model: ModelEntry) -> None:
    """A missing model is a problem, the advice is the command to type, the exit status is 1."""
    result = CliRunner().invoke(cli.app, ["doctor"])
    assert result.exit_code == 1
    assert f"remask pull {model.name}" in result.output
    assert "1 problem found" in result.output


def test_corrupt_model(model: ModelEntry, installed: Path) -> None:
    """Wrong bytes are found even where a stamp says otherwise."""
    assert _find("model", model).status == "ok"
    before = installed.stat()
    installed.write_bytes(b"WEIGHTS")
    os.utime(installed, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = _find("model", model)
    assert found.status == "problem"
    assert "remask pull" in found.advice


def test_missing_adapter(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without its adapter is told to install anew."""
    bare = msgspec.structs.replace(model, adapter="none.safetensors")
    monkeypatch.setattr(manifest, "models", lambda: (bare,))
    assert _find("adapter", model).status == "problem"
    assert "Install Remask anew" in _find("adapter", model).advice


def test_too_little_memory(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that cannot hold the model is told so."""
    huge = msgspec.structs.replace(model, memory_mib=10**9)
    monkeypatch.setattr(manifest, "models", lambda: (huge,))
    assert _find("memory", model).status == "problem"


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("REMASK_CACHE_DIR", "cache folder"),
        ("REMASK_RUNTIME_DIR", "runtime folder"),
        ("REMASK_LOG_DIR", "log folder"),
    ],
)
def test_folder_that_is_a_file(
    model: ModelEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, name: str
) -> None:
    """A folder that cannot be used is a problem and the advice names the variable that moves it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(variable, str(tmp_path / "file"))
    found = _find(name, model)
    assert found.status == "problem"
    assert variable in found.advice


def test_disk_without_room(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which the model has no room is found before a pull fails on it."""
    file = msgspec.structs.replace(model.files[0], size=1 << 60)
    large = msgspec.structs.replace(model, files=(file,))
    monkeypatch.setattr(manifest, "models", lambda: (large,))
    found = _find("cache folder", model)
    assert found.status == "problem"
    assert "MiB" in found.advice


def test_offline_is_noted(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that forbids the network is shown, because people forget it."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    found = _find("offline", model)
    assert (found.status, found.value) == ("note", "HF_HUB_OFFLINE=1")


def test_missing_package(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not installed is a problem with its name."""
    monkeypatch.setattr(_checks, "PACKAGES", ("msgspec", "no-such-package"))
    found = _find("packages", model)
    assert found.status == "problem"
    assert "no-such-package" in found.advice


def test_imports_no_torch(model: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor works where torch cannot even be imported."""
    for name in ("torch", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    assert _find("backend", model).status == "ok"


def _health(state: EngineState, message: str = "") -> Health:
    return Health(state, "m", backend="cpu, int8", memory_mib=700, message=message, hint="do this")


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (lambda: httpx.Response(200, content=msgspec.json.encode(_health(EngineState.READY))), "ok", "int8"),
        (
            lambda: httpx.Response(
                200, content=msgspec.json.encode(_health(EngineState.FAILED, "no memory"))
            ),
            "problem",
            "no memory",
        ),
        (lambda: httpx.Response(401), "problem", "does not answer"),
        (lambda: httpx.Response(200, content=b"<html>"), "problem", "does not answer"),
        (lambda: httpx.ConnectError("refused"), "problem", "does not answer"),
    ],
)
def test_engine_that_runs(
    model: ModelEntry,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[], httpx.Response | Exception],
    status: str,
    said: str,
) -> None:
    """A running engine is asked how it is, with its token; one that is ill or dumb is a problem."""
    write_address(address_path(model.name), Address("http://127.0.0.1:1", "secret", os.getpid()))

    def get(url: str, *, headers: dict[str, str], **_options: object) -> httpx.Response:
        assert headers == {"Authorization": "Bearer secret"}
        given = answer()
        if isinstance(given, Exception):
            raise given
        given.request = httpx.Request("GET", url)
        return given

    monkeypatch.setattr(_checks.httpx, "get", get)
    found = _find("engine", model)
    assert found.status == status
    assert said in found.value


def test_engine_that_does_not_run(model: ModelEntry) -> None:
    """No engine is no problem: it starts when it is needed."""
    assert _find("engine", model) == Check("engine", "ok", "not running; it starts when it is needed")


def test_a_published_checkpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A checkpoint that was not pulled is a problem; one that was is right until a byte of it is another."""
    from lsp_server.engine.store import checkpoints
    from lsp_server.engine.store.manifest import checkpoint
    from lsp_server.engine.store.sources.repository import git_object_id

    monkeypatch.setenv("REMASK_CACHE_DIR", str(tmp_path))
    published = checkpoint("dream-7b")
    assert published is not None

    def found() -> _checks.Check:
        return next(check for check in _checks._published(published))

    assert (found().status, "remask pull dream-7b" in found().advice) == ("problem", True)
    folder = checkpoints.checkpoint_dir(published)
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    file = checkpoints.HubFile("config.json", 2, git_object_id(folder / "config.json"))
    record = checkpoints.Pulled(published.repo, "c" * 40, (file,), complete=True)
    checkpoints.write_record(published, record)
    assert found().status == "ok"
    (folder / "config.json").write_bytes(b"[]")
    assert found().status == "problem"
