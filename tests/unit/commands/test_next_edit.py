"""`remask next-edit`, with an engine that says what a test wants."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.core.errors import EngineUnavailable
from tests.unit.commands.conftest import StandInClient

BEFORE = "def f(items):\n    return items\n"
AFTER = "def f(rows):\n    return items\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "old.py").write_text(BEFORE, encoding="utf-8")
    (tmp_path / "new.py").write_text(AFTER, encoding="utf-8")
    return "old.py", "new.py"


def test_the_next_edit_is_a_diff(client: StandInClient, files: tuple[str, str]) -> None:
    """Of the file as it is now; the model judged both lines, and the engine is let go of."""
    client.script = ["", ""]
    result = CliRunner().invoke(cli.app, ["next-edit", *files])
    assert result.exit_code == 0
    assert result.stdout.endswith("@@ -1,2 +1,2 @@\n def f(rows):\n-    return items\n+    return rows\n")
    assert [each.holes[0].strength for each in client.requests] == [0.0, 0.0]
    assert client.closed


def test_nothing_is_nothing(client: StandInClient, tmp_path: Path) -> None:
    """Where nothing follows nothing is printed, and the model is not asked."""
    (tmp_path / "same.py").write_text("x = 1\n", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["next-edit", "same.py", "same.py"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert not client.requests


def test_no_engine_is_an_error(client: StandInClient, files: tuple[str, str]) -> None:
    """Silence must not be taken for an answer."""
    client.script = [EngineUnavailable("there is none")]
    assert CliRunner().invoke(cli.app, ["next-edit", *files]).exit_code == 1
