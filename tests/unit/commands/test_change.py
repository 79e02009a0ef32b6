"""`remask change` and `remask fill-holes`, with an engine that says what a test wants."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server import cli
from tests.unit.commands.conftest import StandInClient

PRICES = "def price(item, count):\n    return item.cost * count\n"
ORDERS = "from prices import price\n\nprint(price(1, 2))\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "prices.py").write_text(PRICES, encoding="utf-8")
    (tmp_path / "orders.py").write_text(ORDERS, encoding="utf-8")
    return tmp_path


def test_one_diff_of_all_files(client: StandInClient, project: Path) -> None:
    """The calls follow the new parameters; nothing is written."""
    client.script = [" 3)"]
    result = CliRunner().invoke(cli.app, ["change", "prices.py:1", "--signature", "item, count, tax"])
    assert result.exit_code == 0, result.output
    assert "+def price(item, count, tax):" in result.stdout
    assert "+++ b/orders.py" in result.stdout
    assert "+print(price(1, 2, 3))" in result.stdout
    assert (project / "orders.py").read_text(encoding="utf-8") == ORDERS


def test_all_files_are_written(client: StandInClient, project: Path) -> None:
    """In place; the name at a column."""
    result = CliRunner().invoke(cli.app, ["change", "prices.py:1:5", "--name", "cost_of", "--in-place"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert (project / "prices.py").read_text(encoding="utf-8") == PRICES.replace("price", "cost_of")
    assert "print(cost_of(1, 2))" in (project / "orders.py").read_text(encoding="utf-8")


def test_what_was_left_is_said(client: StandInClient, project: Path) -> None:
    """On stderr with its place; without any edit that is an error."""
    client.script = ["", "", ""]
    result = CliRunner().invoke(cli.app, ["change", "prices.py:1", "--signature", "item, count, tax"])
    assert "left alone: orders.py:3: the model wrote no argument" in result.stderr
    assert "orders.py" not in result.stdout
    for wrong in (["--name", "a", "--signature", "b"], [], ["--name", "a b"]):
        assert CliRunner().invoke(cli.app, ["change", "prices.py:1", *wrong]).exit_code != 0


def test_holes_of_several_files(client: StandInClient, project: Path) -> None:
    """One diff; a folder stands for its files, and a file without holes is none of it."""
    (project / "a.py").write_text("x = ___\n", encoding="utf-8")
    (project / "b.py").write_text("y = ___\n", encoding="utf-8")
    client.script = ["1", "2"]
    result = CliRunner().invoke(cli.app, ["fill-holes", "."])
    assert result.exit_code == 0, result.output
    assert "+x = 1" in result.stdout
    assert "+y = 2" in result.stdout
    assert "prices" not in result.stdout
    client.script = ["1"]
    assert CliRunner().invoke(cli.app, ["fill-holes", "a.py", "--in-place"]).exit_code == 0
    assert (project / "a.py").read_text(encoding="utf-8") == "x = 1\n"
    assert CliRunner().invoke(cli.app, ["fill-holes", "prices.py"]).exit_code == 1
