"""`remask suspect` from its arguments to what it prints, with an engine that judges as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lsp_server import cli
from lsp_server.commands.suspect import FOUND
from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent

CODE = "x = 1\r\n\r\ndef f(items, count):\r\n    return count > 3\r\n"


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["suspect", *arguments], input=given)


@pytest.fixture
def file(client: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose comparison is suspicious."""

    async def fill(
        request: FillRequest, on_frame: Callable[[FrameEvent], None] | None = None, *, wait: bool = False
    ) -> FillResult:
        wrong = (request.text.find(">"), "<")
        judged = tuple(
            tuple(9.0 if (each.start, other) == wrong else -9.0 for other in each.alternatives)
            for each in request.questions
        )
        return FillResult((), FillFigures(), "stand-in", judged=judged)

    monkeypatch.setattr(client, "fill", fill)
    path = tmp_path / "a.py"
    path.write_bytes(CODE.encode())
    return path


def test_places_are_printed_as_compilers_do(file: Path) -> None:
    """File, line, column and words; the exit status tells scripts."""
    result = run("a.py")
    assert result.exit_code == FOUND
    assert result.stdout.startswith("a.py:4:18: ")
    assert "`<` is over 1000 times likelier here than `>`" in result.stdout
    assert file.read_bytes() == CODE.encode()


def test_json_and_the_standard_input(file: Path) -> None:
    """One object for each place."""
    result = run("-", "--language", "python", "--json", given=CODE.encode())
    found = json.loads(result.stdout)
    assert (found["file"], found["line"], found["column"]) == ("stdin", 4, 18)
    assert (found["present"], found["alternative"], found["kind"]) == (">", "<", "comparison")


def test_nothing_found(file: Path) -> None:
    """Silence, and status 0; several files at once are fine."""
    file.write_text("x = 1\n")
    result = run("a.py", "a.py")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("name", ["none.py", "binary.py"])
def test_what_cannot_be_read(file: Path, name: str) -> None:
    """An error is another status than something found."""
    (file.parent / "binary.py").write_bytes(b"\0\1")
    result = run(name)
    assert result.exit_code == 1


def test_an_engine_that_fails(client: object, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is printed as if it were fine."""

    async def fill(*_: object, **__: object) -> FillResult:
        raise EngineFailed("it broke")

    monkeypatch.setattr(client, "fill", fill)
    result = run("a.py")
    assert result.exit_code == 1
    assert isinstance(result.exception, EngineFailed)
