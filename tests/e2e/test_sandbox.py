"""Programs that a model might write, in the sandbox."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lsp_server.evaluation import sandbox
from lsp_server.evaluation.sandbox import Limits, Outcome, run_program

pytestmark = pytest.mark.e2e

SMALL = Limits(wall_s=5, cpu_s=1, memory_mib=256)
LIMITED = pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits; the clock ends it")

ENDS = {
    "x = 1": Outcome.PASSED,
    "import math, re, collections, heapq, hashlib, typing, itertools": Outcome.PASSED,
    "print('x' * 50_000_000)": Outcome.PASSED,
    "open('here', 'w').write('x')": Outcome.PASSED,
    "assert 1 == 2": Outcome.FAILED,
    "x = (": Outcome.FAILED,
    "def f(): f()\nf()": Outcome.FAILED,
    "input()": Outcome.FAILED,
    "import os; os._exit(0)": Outcome.CRASHED,
    "import sys; sys.exit(0)": Outcome.CRASHED,
    "exit()": Outcome.FAILED,  # a name of the site module, which is not there
    "print('passed'); import os; os._exit(0)": Outcome.CRASHED,
    "import os; os.abort()": Outcome.CRASHED,
    "import socket; socket.create_connection(('127.0.0.1', 9))": Outcome.FAILED,
    "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])": Outcome.FAILED,
    "import ctypes": Outcome.FAILED,
    "import os; os.kill(os.getppid(), 9)": Outcome.FAILED,
}
LIMITED_ENDS = {
    "while True: pass": Outcome.TIMEOUT,
    "bytearray(1 << 30)": Outcome.FAILED,
    "open('here', 'w').write('x' * 3_000_000)": Outcome.FAILED,
    "import os\nwhile True: os.fork()": Outcome.FAILED,
    "import os\nwhile True:\n try: os.fork()\n except BaseException: pass": Outcome.TIMEOUT,
}


@pytest.mark.parametrize(
    ("program", "outcome"),
    [*ENDS.items(), *(pytest.param(*each, marks=LIMITED) for each in LIMITED_ENDS.items())],
)
def test_how_programs_end(program: str, outcome: Outcome) -> None:
    """Only a program that ran to its end has passed."""
    assert run_program(program, SMALL) is outcome


@pytest.mark.parametrize(
    ("program", "outcome"),
    [("x = 1", Outcome.PASSED), ("assert 0", Outcome.FAILED), ("import os; os._exit(0)", Outcome.CRASHED)],
)
def test_it_works_without_namespaces(program: str, outcome: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has none, or forbids them."""
    monkeypatch.setattr(sandbox, "_apart", lambda: ())
    assert run_program(program, SMALL) is outcome


def test_sleeping_ends_by_the_clock() -> None:
    """It uses no processor time, so only the wall clock can tell."""
    assert run_program("import time; time.sleep(60)", Limits(wall_s=0.5)) is Outcome.TIMEOUT


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    """Not by opening, and not by renaming or removing."""
    kept = tmp_path / "kept"
    kept.write_text("x", encoding="utf-8")
    for program in (
        f"open({str(tmp_path / 'new')!r}, 'w')",
        f"import os; os.remove({str(kept)!r})",
        f"import shutil; shutil.rmtree({str(tmp_path)!r})",
        f"import os; os.rename({str(kept)!r}, 'mine')",
        f"import pathlib; pathlib.Path({str(kept)!r}).write_text('y')",
    ):
        assert run_program(program, SMALL) is Outcome.FAILED
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert kept.read_text(encoding="utf-8") == "x"


def test_the_environment_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets in variables are not there, nor is anything in the working folder."""
    monkeypatch.setenv("REMASK_SECRET", "x")
    program = "import os\nassert 'REMASK_SECRET' not in os.environ\nassert os.listdir('.') == []"
    assert run_program(program, SMALL) is Outcome.PASSED
