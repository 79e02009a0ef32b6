"""Plugins of others against the engine, started by hand as the README says; the default model answers.

The requests are those of minuet-ai.nvim, llama.vim and llama.vscode, as their sources have them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Shell

pytestmark = [pytest.mark.e2e, pytest.mark.model]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PATIENCE_S = 300.0
LEFT = 'import math\n\n\ndef area(radius):\n    """Area of a circle."""\n    return '
RIGHT = "\n\n\nprint(area(2))\n"
WANTED = "math.pi"


@dataclass(frozen=True)
class ByHand:
    """An engine on a port of our choice; its token lies where the README says."""

    port: int
    runtime: Path
    env: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        file = self.runtime / "remask" / "engine-1-qwen2.5-coder-0.5b-fim.json"
        return {"Authorization": f"Bearer {json.loads(file.read_text(encoding='utf-8'))['token']}"}

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        with httpx.Client(
            base_url=self.url, headers=self.headers, timeout=PATIENCE_S, trust_env=False
        ) as http:
            return http.post(path, json=body).raise_for_status()


@pytest.fixture(scope="module")
def engine(real: Shell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByHand]:
    """`remask engine --port PORT --idle-minutes 0`, ready."""
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere the runtime folder is not told by XDG_RUNTIME_DIR")
    runtime = tmp_path_factory.mktemp("run")
    runtime.chmod(0o700)
    env = {name: value for name, value in real.env.items() if name != "REMASK_RUNTIME_DIR"}
    env["XDG_RUNTIME_DIR"] = str(runtime)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lsp_server", "engine", "--port", str(port), "--idle-minutes", "0"]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        found = ByHand(port, runtime, env)
        try:
            _wait(found, process)
            yield found
        finally:
            process.kill()


def _wait(engine: ByHand, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{engine.url}/health", trust_env=False).json()["state"] == "ready":
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the engine did not get ready")


def test_the_readmes_command_works(engine: ByHand) -> None:
    """The token is found and the request answered by the lines as they stand there, but for the port."""
    if not (shutil.which("jq") and shutil.which("curl")):
        pytest.skip("the lines call jq and curl")
    found = re.search(r"^token=.*?\n```$", README, re.DOTALL | re.MULTILINE)
    assert found
    lines = found[0].removesuffix("```").replace(":8765/", f":{engine.port}/")
    env = {**engine.env, "PATH": os.environ["PATH"], "NO_PROXY": "*"}
    done = subprocess.run(["/bin/sh", "-ec", lines], env=env, capture_output=True, check=True)
    assert json.loads(done.stdout)["choices"][0]["text"].strip()


@pytest.mark.parametrize("stream", [True, False])
def test_minuet(engine: ByHand, stream: bool) -> None:
    """Its fill-in-the-middle request; pieces of a stream are read as its decoder reads them."""
    body = {
        "model": "qwen2.5-coder-0.5b-fim",
        "stream": stream,
        "max_tokens": 48,
        "stop": ["\n"],
        "prompt": LEFT,
        "suffix": RIGHT,
    }
    answer = engine.post("/v1/completions", body).text
    if stream:
        events = [line.removeprefix("data:") for line in answer.split("\n") if line.startswith("data:")]
        assert events.pop().strip() == "[DONE]"
        text = "".join(json.loads(event)["choices"][0]["text"] for event in events)
    else:
        text = json.loads(answer)["choices"][0]["text"]
    assert WANTED in text
    assert "\n" not in text


def test_llama_vim(engine: ByHand) -> None:
    """Its request is answered in time with code that fits, and its warming up by nothing."""
    lines = LEFT.split("\n")
    body = {
        "id_slot": 0,
        "input_prefix": "\n".join(lines[:-1]) + "\n",
        "input_suffix": RIGHT,
        "input_extra": [{"text": "side = 2\n", "time": [1, 2], "filename": "b.py"}],
        "prompt": lines[-1],
        "n_predict": 128,
        "stop": [],
        "n_indent": 4,
        "top_k": 40,
        "top_p": 0.9,
        "samplers": ["top_k", "top_p", "infill"],
        "stream": False,
        "cache_prompt": True,
        "t_max_prompt_ms": 500,
        "t_max_predict_ms": 60_000,
        "response_fields": ["content", "timings/prompt_n", "truncated", "tokens_cached"],
    }
    answer = engine.post("/infill", body)
    assert WANTED in answer.json()["content"]
    assert re.match(r"\s*\{", answer.text)
    assert re.search(r'"content"\s*:"', answer.text)
    assert engine.post("/infill", body | {"n_predict": 0, "t_max_predict_ms": 1}).json()["content"] == ""


def test_llama_vscode(engine: ByHand) -> None:
    """It asks for three and takes a list."""
    lines = LEFT.split("\n")
    body = {
        "id_slot": 0,
        "input_prefix": "\n".join(lines[:-1]) + "\n",
        "input_suffix": RIGHT,
        "input_extra": [],
        "prompt": lines[-1],
        "n_predict": 128,
        "n_cmpl": 3,
        "top_k": 40,
        "top_p": 0.99,
        "stream": False,
        "samplers": ["top_k", "top_p", "infill"],
        "cache_prompt": True,
        "n_indent": 4,
        "t_max_prompt_ms": 500,
        "t_max_predict_ms": 60_000,
    }
    answers = engine.post("/infill", body).json()
    assert 1 <= len(answers) <= 3
    assert WANTED in answers[0]["content"]
