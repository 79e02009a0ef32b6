"""`remask fill` from its arguments to what it prints, with an engine that says what a test wants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lsp_server import cli
from lsp_server.core.errors import EngineFailed, ModelMissing
from lsp_server.engine.client import EngineStatus

CODE = "def f(a):\n    \n    return b\n"


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["fill", *arguments], input=given)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(CODE.encode())
    return path


def test_prints_the_fill(client: object, file: Path) -> None:
    """The fill alone on stdout, nothing on stderr, the file as it was."""
    client.script = ["b = a"]
    result = run("a.py:2")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "b = a\n", "")
    assert file.read_text() == CODE
    assert client.closed
    request = client.requests[0]
    assert request.text[: request.holes[0].end] == "def f(a):\n    "
    assert (request.language, request.path, request.candidates) == ("python", "a.py", 1)


def test_a_column_is_a_place_in_the_line(client: object, file: Path) -> None:
    """The hole is there, and what is half typed before it is locked in it."""
    client.script = ["urn b"]
    file.write_text("def f(a):\n    ret\n")
    assert run("a.py:2:8").stdout == "urn b\n"
    hole = client.requests[0].holes[0]
    assert client.requests[0].text[hole.start : hole.end].endswith("ret")


def test_diff(client: object, file: Path) -> None:
    """A unified diff in place of the text."""
    client.script = ["b = a"]
    lines = run("a.py:2", "--diff").stdout.splitlines()
    assert lines[:2] == ["--- a/a.py", "+++ b/a.py"]
    assert [line for line in lines[3:] if line[0] in "+-"] == ["-    ", "+    b = a"]


def test_json(client: object, file: Path) -> None:
    """One object with the text, the other choices and what they cost."""
    client.script = [["b = a", "b = 1"]]
    said = json.loads(run("a.py:2", "--json", "--candidates", "2", "--seed", "9").stdout)
    assert said.pop("diff").startswith("--- a/a.py\n")
    assert said == {
        "text": "b = a",
        "choices": [{"text": "b = a", "confidence": 0.9}, {"text": "b = 1", "confidence": 0.8}],
        "latency_ms": 12.3,
        "forwards": 3,
        "tokens": 5,
        "context_tokens": 7,
        "cached_tokens": 6,
        "model": "stand-in",
        "adapter_sha256": "ad" * 32,
    }
    assert client.requests[0].candidates == 2
    assert client.requests[0].sampling.seed == 9


def test_several_candidates(client: object, file: Path) -> None:
    """Each below a line with how sure the model is."""
    client.script = [["b = a", "b = 1"]]
    assert run("a.py:2", "--candidates", "2").stdout == "--- 0.90\nb = a\n--- 0.80\nb = 1\n"


def test_in_place(client: object, file: Path) -> None:
    """The file has the fill, and nothing is printed; with --diff what was done is."""
    client.script = ["b = a", "c = b"]
    assert run("a.py:2", "--in-place").stdout == ""
    assert file.read_text() == "def f(a):\n    b = a\n    return b\n"
    assert "+    b = ac = b" in run("a.py:2", "--in-place", "--diff").stdout


def test_crlf_and_mark(client: object, file: Path) -> None:
    """The file's line ends and byte order mark stay; the model sees neither."""
    file.write_bytes(b"\xef\xbb\xbf" + CODE.replace("\n", "\r\n").encode())
    client.script = ["b = a\n    b += 1"]
    assert run("a.py:2", "--in-place").exit_code == 0
    wanted = CODE.replace("    \n", "    b = a\n    b += 1\n").replace("\n", "\r\n")
    assert file.read_bytes() == b"\xef\xbb\xbf" + wanted.encode()
    assert "\r" not in client.requests[0].text
    assert "\ufeff" not in client.requests[0].text


def test_a_filter_prints_the_whole_text(client: object) -> None:
    """The standard input comes out with the fill in it, byte for byte."""
    client.script = ["b = a"]
    result = run("-:2", "--language", "python", given=CODE.replace("\n", "\r\n").encode())
    assert result.stdout_bytes == CODE.replace("    \n", "    b = a\n").replace("\n", "\r\n").encode()
    assert result.stderr == ""


def test_steps_are_shown_on_stderr(client: object, file: Path) -> None:
    """As lines where nobody looks on; stdout has the fill alone."""
    client.script = ["b = a"]
    result = run("a.py:2", "--watch-steps")
    assert result.stdout == "b = a\n"
    assert result.stderr == "step   1  ▒\nstep   2  b = a\n"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("missing.py:1", "cannot read missing.py: No such file"),
        ("a.py:9", "there is no line 9 in a.py: it has 3 lines"),
        ("a.py:1:99", "line 1 of a.py has 9 characters"),
        ("binary:1", "binary is not a text file"),
        ("latin:1", "latin is not UTF-8 text: byte 3"),
        (".env:1", "nothing was changed: this file may hold secrets"),
    ],
)
def test_what_cannot_be_filled(client: object, file: Path, place: str, said: str) -> None:
    """A sentence, exit code 1, nothing on stdout, and the model is not asked."""
    (file.parent / "binary").write_bytes(b"\x7fELF\0\0")
    (file.parent / "latin").write_bytes(b"caf\xe9")
    (file.parent / ".env").write_bytes(b"KEY=x\n")
    result = run(place)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in str(result.exception)
    assert client.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.py"],
        ["a.py:1", "--no-such-option"],
        ["--no-such-option"],
        ["a.py:0"],
        ["a.py:1", "--candidates", "0"],
        ["a.py:1", "--candidates", "9"],
        ["a.py:1", "--seed", "-1"],
        ["-:1", "--language", "python", "--in-place"],
        [],
    ],
)
def test_wrong_usage(client: object, file: Path, arguments: list[str]) -> None:
    """Exit code 2, and nothing is read or asked."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert client.requests == []


def test_nothing_to_add(client: object, file: Path) -> None:
    """An empty fill is no success: exit code 1, and --in-place touches nothing."""
    client.script = [""]
    before = file.stat().st_mtime_ns
    result = run("a.py:2", "--in-place")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the model had nothing to add" in str(result.exception)
    assert file.stat().st_mtime_ns == before


def test_a_failing_filter_gives_the_text_back(client: object) -> None:
    """So that nothing is lost in the editor; also without --language and with bytes that are not text."""
    client.script = [""]
    for given, options in ((CODE.encode(), ["--language", "python"]), (CODE.encode(), []), (b"caf\xe9", [])):
        result = run("-:2", *options, given=given)
        assert (result.exit_code, result.stdout_bytes) == (1, given)


def test_a_file_that_changed_meanwhile(client: object, file: Path) -> None:
    """What was written while the model worked is kept."""
    client.script = ["b = a"]
    client.at_fill = lambda: file.write_text("newer\n")
    result = run("a.py:2", "--in-place")
    assert result.exit_code == 1
    assert "changed meanwhile" in str(result.exception)
    assert file.read_text() == "newer\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EngineFailed("no memory"), "the engine did not answer"),
        (ModelMissing("not here", hint="Run `remask pull`."), "the model is not installed"),
    ],
)
def test_an_engine_that_fails(client: object, file: Path, error: Exception, said: str) -> None:
    """A reason and a hint."""
    client.script = [error]
    result = run("a.py:2")
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in str(result.exception)


def test_an_engine_that_could_not_load(client: object, file: Path) -> None:
    """What it said at its start is what the user reads."""
    client.status = EngineStatus("failed", "the model is not installed", hint="Run `remask pull`.")
    assert str(run("a.py:2").exception) == "the model is not installed\nRun `remask pull`."


def test_definitions_of_the_project_are_shown_to_the_model(client: object, file: Path) -> None:
    """As in an editor, the file's project is looked through for what the hole names."""
    (file.parent / "pyproject.toml").write_text("")
    (file.parent / "shapes.py").write_text("def area_of(shape: int) -> int:\n    return shape\n")
    file.write_text("from shapes import area_of\n\nx = area_of(\n")
    client.script = ["1)"]
    assert run("a.py:3").exit_code == 0
    assert any("def area_of" in snippet.text for snippet in client.requests[0].snippets)
