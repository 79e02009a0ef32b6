"""Helix, configured as the README says, against the real server with a stand-in for the model."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import debian
from tests.e2e.terminal import Terminal, home, project, snippet
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
TEXT = "def total(numbers):\n    result = 0 + sum(each for each in numbers)\n    return result\n"
FILL = "    result = sum(numbers)\n"
REWRITTEN = TEXT.replace("    result = 0 + sum(each for each in numbers)\n", FILL)
Open = Callable[[str], Terminal]


def _fetch(folder: Path) -> None:
    root = debian.unpack(folder, "hx")
    debian.relink(root, root / "usr" / "lib" / "hx" / "hx")


@pytest.fixture(scope="session")
def helix() -> Path:
    """The executable of a real Helix."""
    try:
        program = debian.kept("helix", _fetch) / "root" / "usr" / "lib" / "hx" / "hx"
    except debian.NotToBeHad as reason:
        pytest.skip(str(reason))
    subprocess.run([program, "--version"], check=True, capture_output=True)
    return program


@pytest.fixture
def opened(helix: Path, standin: Standin, tmp_path: Path) -> Iterator[Open]:
    """Opens a text in a Helix whose whole configuration is the README's."""
    env = home(tmp_path, standin.env)
    config = tmp_path / "config" / "helix" / "languages.toml"
    config.parent.mkdir(parents=True)
    config.write_text(snippet("helix"), encoding="utf-8")
    log, started = tmp_path / "helix.log", []

    def start(text: str) -> Terminal:
        file = project(tmp_path, text)
        started.append(Terminal([str(helix), "-v", "--log", str(log), str(file)], env, file))
        started[-1].until("NOR")
        started[-1].until_holds(
            lambda _: log.exists() and "textDocument/didOpen" in log.read_text(encoding="utf-8"), "attached"
        )
        return started[-1]

    yield start
    for each in started:
        each.end()


def test_a_selection_is_rewritten(opened: Open, standin: Standin) -> None:
    """A code action on a selected line changes it, and one undo takes that back."""
    standin.answers({"fill": FILL})
    helix = opened(TEXT)
    helix.keys("jx a")
    helix.until("Rewrite with Remask")
    helix.keys("\r")
    helix.until("result = sum(numbers)")
    helix.keys(":w\r")
    helix.until_saved(REWRITTEN)
    helix.keys("u:w\r")
    helix.until_saved(TEXT)


def test_holes_are_filled(opened: Open, standin: Standin) -> None:
    """Marked holes of the selection are filled by the action that says so."""
    standin.answers({"fill": "return sum(numbers)"})
    helix = opened("def total(numbers):\n    ...\n")
    helix.keys("% a")
    helix.until("Rewrite with Remask", "Fill holes")
    helix.keys("\t\r")
    helix.until("return sum(numbers)")
    helix.keys(":w\r")
    helix.until_saved("def total(numbers):\n    return sum(numbers)\n")


def test_a_selection_is_piped(opened: Open, standin: Standin) -> None:
    """In one's own words by a pipe, as the README says; the instruction reaches the model."""
    standin.answers({"instruction": "use sum", "fill": FILL}, {"fill": "lost\n"})
    helix = opened(TEXT)
    helix.keys("jx|")
    helix.until("pipe:")
    helix.keys(snippet("helix-pipe").strip().removeprefix("|") + "\r")
    helix.until("result = sum(numbers)")
    helix.keys(":w\r")
    helix.until_saved(REWRITTEN)
