"""`remask fill` and `remask rewrite` as a shell, a script and an editor's filter run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lsp_server.commands._source import unified
from tests.e2e.conftest import Shell

pytestmark = pytest.mark.e2e

CODE = "def f(a):\n    \n    return b\n"
ORDERS = '''\
from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float
    quantity: int = 1


def total(items: list[Item]) -> float:
    """What all items cost together."""
    result = 0.0
    for item in items:
        HOLE
    return result
'''.replace("HOLE", "")


def test_a_fill_and_the_next(shell: Shell) -> None:
    """The first command starts the engine and may say so on stderr; the second finds it and is silent."""
    (shell.folder / "a.py").write_text(CODE)
    shell.answers({"before": "", "fill": "b = a"})
    first = shell.remask("fill", "a.py:2")
    engines = shell.engines()
    second = shell.remask("fill", "a.py:2")
    assert (first.stdout, second.stdout) == (b"b = a" + os.linesep.encode(), b"b = a" + os.linesep.encode())
    assert b"loading the stand-in" in first.stderr or not first.stderr
    assert second.stderr == b""
    assert shell.engines() == engines
    assert len(engines) == 1


def test_a_filter_is_silent_while_the_engine_starts(shell: Shell) -> None:
    """An editor puts what a filter says on stderr into the text too."""
    shell.answers({"instruction": "Simplify", "fill": "x = 1"}, delay_ms=300)
    done = shell.remask("rewrite", "-", "--language", "python", given=b"x = 1 + 0\r\n")
    assert (done.stdout, done.stderr) == (b"x = 1\r\n", b"")


def test_a_filter_that_fails_gives_back_what_it_got(shell: Shell) -> None:
    """Whatever goes wrong: nothing to change, a model that is not there, text that is none."""
    given = b"x = 1\n"
    shell.answers({"fill": "x = 1"})
    done = shell.remask("rewrite", "-", "--language", "python", given=given, code=1)
    assert done.stdout == given
    assert done.stderr.decode().startswith("remask: nothing was changed: ")
    shell.answers({"error": "model-missing"})
    done = shell.remask("rewrite", "-", "--language", "python", given=given, code=1)
    assert done.stdout == given
    assert b"remask pull" in done.stderr
    done = shell.remask("rewrite", "-", "--language", "python", given=b"caf\xe9\n", code=1)
    assert done.stdout == b"caf\xe9\n"


def test_the_engine_cannot_load(shell: Shell) -> None:
    """The command says why and what to do, and leaves the file alone."""
    (shell.folder / "a.py").write_text(CODE)
    shell.answers(error="model-missing")
    done = shell.remask("fill", "a.py:2", "--in-place", code=1)
    assert done.stdout == b""
    assert "remask: the stand-in is not installed" in done.stderr.decode()
    assert "Run `remask pull`." in done.stderr.decode()
    assert (shell.folder / "a.py").read_text() == CODE


def test_errors_before_the_engine(shell: Shell) -> None:
    """What can be seen without the model starts no engine; wrong usage exits with 2."""
    (shell.folder / "a.py").write_text(CODE)
    assert b"cannot read b.py" in shell.remask("fill", "b.py:1", code=1).stderr
    assert b"no line 9" in shell.remask("rewrite", "a.py:1-9", code=1).stderr
    assert b"FILE:LINE" in shell.remask("fill", "a.py", code=2).stderr
    assert shell.engines() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("a\nb\nc\n", "a\nB\nc\n"), ("a\nb", "a\nb\n"), ("a\r\nb\r\n", "a\r\nc\r\n"), ("", "x"), ("x\n", "")],
)
def test_a_diff_can_be_applied(tmp_path: Path, old: str, new: str) -> None:
    """`git apply` makes the new text of it, also where a last line break is missing."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    target = tmp_path / "sub" / "a.txt"
    target.parent.mkdir()
    target.write_bytes(old.encode())
    subprocess.run(
        [git, "apply", "--whitespace=nowarn", "-"],
        cwd=tmp_path,
        input=unified(old, new, "sub/a.txt").encode(),
        check=True,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
    )
    assert target.read_bytes() == new.encode()


@pytest.mark.model
def test_the_model_fills(real: Shell) -> None:
    """The same fill as text, as JSON and in place, for the same seed; with what it cost."""
    path = real.folder / "orders.py"
    path.write_text(ORDERS, newline="")
    line = ORDERS.split("\n").index("    for item in items:") + 2
    place = f"orders.py:{line}"
    text = real.remask("fill", place).stdout.decode().rstrip()
    assert "item.price" in text
    said = json.loads(real.remask("fill", place, "--json", "--candidates", "2", "--seed", "1").stdout)
    assert said["text"] == text
    assert said["forwards"] > 0
    assert said["tokens"] > 0
    assert len(said["adapter_sha256"]) == 64
    watched = real.remask("fill", place, "--in-place", "--watch-steps")
    assert watched.stdout == b""
    assert "▒" in watched.stderr.decode()
    assert path.read_text() == ORDERS.replace("        \n", f"        {text}\n")


@pytest.mark.model
def test_the_model_rewrites(real: Shell) -> None:
    """As a filter, with an instruction: other code comes out, in the old indentation and line ends."""
    given = b"    names = []\r\n    for i in range(len(items)):\r\n        names.append(items[i].name)\r\n"
    words = ["-i", "Use a list comprehension."]
    out = real.remask("rewrite", "-", "--language", "python", *words, given=given).stdout.decode()
    assert out.startswith("    ")
    assert "for" in out
    assert out != given.decode()
    assert out.count("\n") == out.count("\r\n") > 0
