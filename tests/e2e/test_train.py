"""`remask train` as a process, on the real model and a repository that was just made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.store.adapter import read_adapter
from lsp_server.engine.store.manifest import entry
from tests.e2e.conftest import Shell

pytestmark = [pytest.mark.e2e, pytest.mark.model]


def repository(folder: Path) -> Path:
    for number in range(10):
        functions = [f"def add_{number}_{line}(value):\n    return value + {line}\n" for line in range(12)]
        (folder / f"module_{number}.py").write_text("\n\n".join(functions))
    return folder


def test_one_step(real: Shell) -> None:
    """A step on a repository gives an adapter of this base, which is as trained as it says."""
    project = real.folder / "project"
    project.mkdir()
    wish = ("--on", str(repository(project)), "--out", "run", "--device", "cpu")
    done = real.remask("train", *wish, "--steps", "1", "--batch", "1", "--held-out", "0")
    path = real.folder / "run" / "adapter.safetensors"
    assert done.stdout.decode().strip() == str(Path("run") / "adapter.safetensors")
    info = read_adapter(path)
    assert (info.base_sha256, info.trained_steps) == (entry(DEFAULT_MODEL).files[0].sha256, 1)
    events = [json.loads(line) for line in (real.folder / "run" / "log.jsonl").read_text().splitlines()]
    assert [each["event"] for each in events] == ["begun", "steps", "saved", "ended"]
