"""Cells of a notebook in a real VS Code, which reads and writes .ipynb files by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.window import Window, missing, opened_window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
CELL = "def all():\n" + "".join(f"    {word}()\n" for word in ("one", "two", "three", "four", "five", "six"))
COPY = "rewritten cell"


def notebook(*cells: str) -> str:
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    python = {"language_info": {"name": "python"}}
    return json.dumps(
        {
            "cells": [{**code, "source": cell} for cell in cells],
            "metadata": python,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


@pytest.fixture(scope="module")
def opened(shared_standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window, as for other tests, whose files are notebooks."""
    with opened_window(tmp_path_factory.mktemp("notebook"), shared_standin.env) as window:
        shared_standin.answers({"fill": "1"})
        window.wake("1")
        yield window


def open_cells(window: Window, name: str, *cells: str) -> Path:
    """Write a notebook, whose first cell names it, open it, and put the cursor into its last cell."""
    path = window.folder / name
    path.write_text(notebook(f"# {name}", *cells), encoding="utf-8")
    window.page.keyboard.press("Control+P")
    window._pick(str(path), name)
    into_last_cell(window, name)
    return path


def into_last_cell(window: Window, name: str) -> None:
    """Put the cursor into the last cell of the notebook on show."""
    window.page.click(f'.notebookOverlay:visible:has-text("{name}") .code-cell-row .view-lines >> nth=-1')


def sources(path: Path) -> list[str] | None:
    """The cells as they are in the file, without the first; None while it is being written."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except json.JSONDecodeError:
        return None
    return ["".join(cell["source"]) for cell in cells[1:]]


def test_a_cell_is_completed(window: Window, standin: Standin) -> None:
    """By ghost text that knows the cell above."""
    standin.answers({"before": "import math\n\nradius =", "fill": "math.tau"}, {"fill": "1"})
    path = open_cells(window, "completed.ipynb", "import math", "")
    window.type("radius = ")
    window.ghost("math.tau")
    window.picture("cell")
    window.press("Tab", "Control+S")
    window.until(lambda: sources(path) == ["import math", "radius = math.tau"])


def test_a_cells_rewrite_is_reviewed(window: Window, standin: Standin, tmp_path: Path) -> None:
    """Denoised and decided hunk by hunk in a copy beside it; only what is accepted is written."""
    gate = tmp_path / "gate"
    changed = CELL.replace("one", "ONE\n    more").replace("five", "FIVE")
    standin.answers({"instruction": "replace", "fill": changed, "gate": str(gate)})
    path = open_cells(window, "rewritten.ipynb", "import math", CELL)
    window.press("Control+A", "Control+Alt+R")
    window.answer("Rewrite Selection", "replace")
    window.painted("def", "░")
    window.picture("cell-denoising")
    gate.touch()
    window.lenses("Accept|Reject|Accept all|Reject all|Again", "Accept|Reject")
    window.picture("cell-review")
    assert sources(path) == ["import math", CELL]
    window.press("Alt+Backspace", "Alt+Enter")
    window.page.wait_for_selector('.notebookOverlay:visible .view-line:has-text("FIVE")')
    window.page.wait_for_selector(f'.tab:has-text("{COPY}")', state="detached")
    window.picture("cell-rewritten")
    window.active("rewritten.ipynb")
    window.press("Control+S")
    window.until(lambda: sources(path) == ["import math", CELL.replace("five", "FIVE")])


def test_a_cells_rewrite_is_drawn_anew_and_rejected(window: Window, standin: Standin) -> None:
    """In the same copy; Escape takes it away, and the cell is as before."""
    standin.answers({"instruction": "replace", "fill": CELL.replace("one", "ONE")})
    path = open_cells(window, "anew.ipynb", CELL)
    window.press("Control+A", "Control+Alt+R")
    window.answer("Rewrite Selection", "replace")
    window.lenses("Accept|Reject|Again")
    standin.answers({"instruction": "replace", "fill": CELL.replace("one", "uno")})
    window.press("Control+Alt+R")
    window.painted("uno()")
    window.lenses("Accept|Reject|Again")
    window.press("Escape")
    window.page.wait_for_selector(f'.tab:has-text("{COPY}")', state="detached")
    window.active("anew.ipynb")
    assert sources(path) == [CELL]
    assert not window.page.query_selector(".tab.active.dirty")


def test_an_edit_of_the_cell_ends_its_rewrite(window: Window, standin: Standin) -> None:
    """What was typed stays, nothing is written over it, and that is said."""
    standin.answers({"instruction": "replace", "fill": CELL.replace("one", "ONE")}, {"fill": ""})
    path = open_cells(window, "typed.ipynb", CELL)
    window.press("Control+A", "Control+Alt+R")
    window.answer("Rewrite Selection", "replace")
    window.lenses("Accept|Reject|Again")
    into_last_cell(window, "typed.ipynb")
    window.press("Control+End")
    window.type("# typed")
    window.notice("was changed where it was being rewritten")
    window.page.wait_for_selector(f'.tab:has-text("{COPY}")', state="detached")
    window.press("Control+S")
    window.until(lambda: sources(path) == [f"{CELL}# typed"])
