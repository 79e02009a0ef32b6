"""Cells of a notebook in a real VS Code, which reads and writes .ipynb files by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.window import missing, opened_window

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]


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


def test_cells_are_completed_and_rewritten(own_standin: Standin, tmp_path: Path) -> None:
    """Ghost text that knows the cell above is accepted, a rewrite is made at once; both are in the file."""
    own_standin.answers(
        {"before": "import math\n\nradius =", "fill": "math.tau"},
        {"instruction": "shout", "fill": "RADIUS = math.tau\n"},
        {"fill": "1"},
    )
    with opened_window(tmp_path, own_standin.env) as window:
        window.wake("1")
        path = tmp_path / "work" / "nb.ipynb"
        path.write_text(notebook("import math", ""), encoding="utf-8")
        window.page.keyboard.press("Control+P")
        window._pick(str(path), "nb.ipynb")
        window.page.click(".notebookOverlay .code-cell-row .monaco-editor .view-lines >> nth=-1")
        window.picture("notebook")
        window.type("radius = ")
        window.ghost("math.tau")
        window.picture("cell")
        window.press("Tab")
        window.press("Control+A", "Control+Alt+R")
        window.answer("Rewrite Selection", "shout")
        window.page.wait_for_selector('.notebookOverlay .view-line:has-text("RADIUS")')
        window.picture("cell-rewrite")
        window.press("Control+S")
        window.until(lambda: "RADIUS = math.tau" in path.read_text(encoding="utf-8"))
