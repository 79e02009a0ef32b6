"""Whole commands as processes, with folders of their own, around the stand-in or the real model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from lsp_server.core.paths import cache_dir
from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.store.files import installed
from lsp_server.engine.store.manifest import entry
from tests.lsp.conftest import editor, own_standin, raw, shared_standin, standin, start  # noqa: F401 -- fixtures

STANDIN = Path(__file__).parents[1] / "standin" / "engine.py"
PATIENCE_S = 300.0
"""After which a command that does not end has failed."""


@dataclass(frozen=True)
class Shell:
    """Runs commands in `folder`, which share one engine."""

    folder: Path
    env: dict[str, str]

    def remask(
        self, *arguments: str, given: bytes = b"", code: int = 0
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `remask`, which must exit with `code`."""
        return self.python("-m", "lsp_server", *arguments, given=given, code=code)

    def python(
        self, *arguments: str, given: bytes = b"", code: int = 0
    ) -> subprocess.CompletedProcess[bytes]:
        """Run Python, which must exit with `code`."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.env,
            input=given,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == code, done.stderr.decode()
        return done

    def answers(self, *rules: dict[str, object], **load: object) -> None:
        """Have the stand-in answer by these rules from now on."""
        path = Path(self.env["REMASK_STANDIN_RULES"])
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"rules": rules, "load": load}), encoding="utf-8")
        fresh.replace(path)

    def engines(self) -> list[int]:
        """Process ids of the engines that run."""
        addresses = Path(self.env["REMASK_RUNTIME_DIR"]).glob("engine-*.json")
        pids = [json.loads(address.read_text(encoding="utf-8"))["pid"] for address in addresses]
        return [pid for pid in pids if psutil.pid_exists(pid)]

    def end(self) -> None:
        """End what is left."""
        for pid in self.engines():
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                process.kill()
                process.wait(10)


def _shell(folder: Path, **more: str) -> Iterator[Shell]:
    folders = {f"REMASK_{name.upper()}_DIR": str(folder / name) for name in ("runtime", "log", "cache")}
    work = folder / "work"
    work.mkdir()
    shell = Shell(work, {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **folders, **more})
    yield shell
    shell.end()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Commands around the stand-in, of which every test has its own."""
    rules = str(tmp_path / "rules.json")
    command = json.dumps([sys.executable, str(STANDIN)])
    for made in _shell(tmp_path, REMASK_ENGINE_COMMAND=command, REMASK_STANDIN_RULES=rules):
        made.answers()
        yield made


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Commands around the real model, whose engine a module's tests share."""
    if not installed(entry(DEFAULT_MODEL)):
        pytest.skip("the default model is not installed: run `remask pull`")
    # said outright: an editor under test has folders of its own, where no model lies
    yield from _shell(tmp_path_factory.mktemp("real"), REMASK_CACHE_DIR=str(cache_dir()))
