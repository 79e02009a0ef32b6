"""What processes speak to, seen from inside: the real server and engine, at work on the real model."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell

pytestmark = [pytest.mark.e2e, pytest.mark.model]

WATCH = """
import json, os, sys

def _watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        line = json.dumps([event, str(arguments[1][0] if isinstance(arguments[1], tuple) else "")])
    elif event == "socket.getaddrinfo":
        line = json.dumps([event, str(arguments[0])])
    else:
        return
    with open(os.environ["SPOKEN_TO"], "a") as log:
        log.write(line + "\\n")

sys.addaudithook(_watch)
"""


def _is_this_machine(host: str) -> bool:
    if host in {"", "localhost", "None"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def test_filling_and_rewriting_speak_to_this_machine_only(
    real: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the commands nor the engine they start look up or call another machine."""
    (tmp_path / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    spoken = tmp_path / "spoken.jsonl"
    own = {f"REMASK_{name}_DIR": str(tmp_path / name) for name in ("RUNTIME", "LOG", "DATA")}
    shell = replace(real, env={**real.env, **own, "PYTHONPATH": str(tmp_path), "SPOKEN_TO": str(spoken)})
    try:
        code = real.folder / "watched.py"
        code.write_text("def add(a, b):\n    return \n", encoding="utf-8")
        shell.remask("fill", f"{code}:2:12")
        shell.remask("rewrite", f"{code}:1-2", "--instruction", "add type hints")
    finally:
        shell.end()
    seen = [json.loads(line) for line in spoken.read_text(encoding="utf-8").splitlines()]
    assert {"socket.connect", "socket.bind"} <= {event for event, _ in seen}
    assert [each for each in seen if not _is_this_machine(each[1])] == []
