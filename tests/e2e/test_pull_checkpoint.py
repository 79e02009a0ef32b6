"""`remask pull` of a published checkpoint, from a stand-in of the model hub."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.protocol import FillRequest, Hole

pytestmark = pytest.mark.e2e

NAME, REPO, COMMIT = "open-dcoder-0.5b", "fredzzp/open-dcoder-0.5B", "c" * 40
UNWANTED = {"modeling.py": b"raise SystemExit", "pytorch_model.bin": b"\x80pickle", "README.md": b"# Hi"}


class Hub(ThreadingHTTPServer):
    """One repository. `asked` are the files that were sent, `lies` stand in for the bytes of some."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.commit = COMMIT
        self.asked: list[str] = []
        self.lies: dict[str, bytes] = {}
        self.gated = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def listing(self) -> dict[str, Any]:
        siblings = []
        for name, data in self.files.items():
            sibling: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": _git(data)}
            if name.endswith(".safetensors"):
                lfs = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
                sibling["lfs"] = lfs
            siblings.append(sibling)
        return {"id": REPO, "modelId": REPO, "sha": self.commit, "private": False, "siblings": siblings}


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        if self.server.gated:
            self._send(401, b"{}", body=body, headers={"X-Error-Code": "GatedRepo"})
        elif path == f"/api/models/{REPO}/revision/main":
            self._send(200, json.dumps(self.server.listing()).encode(), body=body)
        elif path.startswith(f"/{REPO}/resolve/{COMMIT}/"):
            name = path.rpartition("/")[2]
            data = self.server.lies.get(name, self.server.files[name])
            if body:
                self.server.asked.append(name)
            self._send(200, data, body=body, headers={"ETag": f'"{_git(data)}"', "X-Repo-Commit": COMMIT})
        else:
            self._send(404, b"{}", body=body)

    def _send(self, status: int, data: bytes, *, body: bool, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _git(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324 -- git's


def _write_tiny(folder: Path) -> None:
    path = Path(__file__).parents[1] / "unit/engine/runtime/whole/conftest.py"
    spec = importlib.util.spec_from_file_location("tiny_checkpoints", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(folder, "open-dcoder", auto_map={"AutoModel": "modeling.Evil"})


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A tiny checkpoint, with files beside it that nobody should fetch."""
    _write_tiny(tmp_path / "published")
    files = {path.name: path.read_bytes() for path in sorted((tmp_path / "published").iterdir())}
    server = Hub(files | UNWANTED)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _pull(hub: Hub, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    kept.pop("REMASK_OFFLINE", None)
    folders = {"REMASK_CACHE_DIR": str(tmp_path / "cache"), "HF_HOME": str(tmp_path / "hf")}
    return subprocess.run(
        [sys.executable, "-m", "lsp_server", "pull", NAME],
        env=kept | folders | {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models" / NAME


def test_pulled_and_filled(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and settings come, code and pickles do not; the model then fills under its name."""
    ended = _pull(hub, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == str(_folder(tmp_path))
    there = {path.name for path in _folder(tmp_path).iterdir()}
    assert there == {"config.json", "model.safetensors", "tokenizer.json", "pulled.json"}
    assert set(hub.asked) == there - {"pulled.json"}
    record = json.loads((_folder(tmp_path) / "pulled.json").read_text())
    assert (record["repo"], record["commit"], record["complete"]) == (REPO, COMMIT, True)

    from lsp_server.core.cancel import CancelToken
    from lsp_server.engine.runtime.load import load_any

    monkeypatch.setenv("REMASK_CACHE_DIR", str(tmp_path / "cache"))
    filler = load_any(NAME, lambda *_: None, settings=EngineSettings(precision="fp32", device="cpu"))
    result = filler.fill(FillRequest("x = \n", (Hole(4, 4, max_tokens=4),)), cancel=CancelToken())
    assert result.model == NAME
    assert result.candidates

    hub.asked.clear()
    assert _pull(hub, tmp_path).returncode == 0
    assert hub.asked == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_other_bytes_are_refused(hub: Hub, tmp_path: Path, name: str) -> None:
    """A file of the right length with other bytes than the hub named is discarded, large or small."""
    hub.lies[name] = hub.files[name][:-1] + bytes([hub.files[name][-1] ^ 1])
    ended = _pull(hub, tmp_path)
    assert ended.returncode != 0
    assert f"other bytes of {name}" in ended.stderr
    assert not (_folder(tmp_path) / name).exists()
    hub.lies.clear()
    assert _pull(hub, tmp_path).returncode == 0


def test_a_pull_goes_on_with_its_commit(hub: Hub, tmp_path: Path) -> None:
    """What is there already is not fetched again, and a newer commit is not mixed in."""
    hub.lies["tokenizer.json"] = b"?" * len(hub.files["tokenizer.json"])
    assert _pull(hub, tmp_path).returncode != 0
    hub.lies.clear()
    hub.asked.clear()
    hub.commit = "d" * 40
    assert _pull(hub, tmp_path).returncode == 0
    assert "config.json" not in hub.asked
    assert json.loads((_folder(tmp_path) / "pulled.json").read_text())["commit"] == COMMIT


def test_behind_terms(hub: Hub, tmp_path: Path) -> None:
    """A model that the hub does not give to everybody says how to get it."""
    hub.gated = True
    ended = _pull(hub, tmp_path)
    assert ended.returncode != 0
    assert "HF_TOKEN" in ended.stderr


def test_offline(hub: Hub, tmp_path: Path) -> None:
    """Where the network is forbidden nobody is asked."""
    ended = _pull(hub, tmp_path, REMASK_OFFLINE="1")
    assert ended.returncode != 0
    assert "the network is forbidden" in ended.stderr
    assert hub.asked == []
