"""`remask rewrite` from its arguments to what it prints, with an engine that says what a test wants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lsp_server import cli
from lsp_server.core.errors import EngineFailed
from lsp_server.service.plan import PRESET
from lsp_server.service.tasks import TASKS

CODE = "x = 1\nif a == True:\n    b = 1\ny = 2\n"
NEW = "if a:\n    b = 1"


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["rewrite", *arguments], input=given)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(CODE.encode())
    return path


def test_prints_the_new_lines(client: object, file: Path) -> None:
    """What the lines become, on stdout alone; the file stays."""
    client.script = [NEW]
    result = run("a.py:2-3", "-i", "Simplify", "--seed", "4")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{NEW}\n", "")
    assert file.read_text() == CODE
    request = client.requests[0]
    assert (request.instruction, request.sampling.seed) == ("Simplify", 4)
    assert request.text[request.holes[0].start : request.holes[0].end] == "if a == True:\n    b = 1"


def test_words_and_strength(client: object, file: Path) -> None:
    """Without words the preset says what to do; below full strength a part becomes a hole, once read."""
    client.script = [NEW, NEW, "if a == 1:", NEW]
    run("a.py:2-3")
    run("a.py:2-3", "--strength", "0.5")
    run("a.py:2-3", "--strength", "0.9", "-i", "Simplify")
    assert [request.instruction for request in client.requests] == [PRESET, None, None, "Simplify"]
    assert [request.holes[0].strength for request in client.requests] == [1.0, 0.0, 1.0, 1.0]


def test_a_task_has_its_words(client: object, file: Path) -> None:
    """The model is told what the task says; more words are the user's own; a wrong answer is refused."""
    file.write_text("def f(n):\n    t = n + 1\n    return t\n")
    clear = "def f(n):\n    successor = n + 1\n    return successor"
    client.script = [clear]
    assert run("a.py:1-3", "--task", "rename", "-i", "In full words.").stdout == f"{clear}\n"
    words = TASKS["rename"].words
    assert [request.instruction for request in client.requests] == [f"{words} In full words."]
    client.script = [clear.replace("+ 1", "+ 2")] * 3
    refused = run("a.py:1-3", "--task", "rename", "-i", "In full words.")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "lost code" in str(refused.exception)


def test_a_task_that_only_adds(client: object, file: Path) -> None:
    """Only the place where something is missing is a hole: all else stays by construction."""
    file.write_text("def half(n: int):\n    return n / 2\n")
    client.script = [" float:"]
    assert run("a.py:1-2", "--task", "types").stdout == "def half(n: int) -> float:\n    return n / 2\n"
    (hole,) = client.requests[0].holes
    assert "return" not in client.requests[0].text[hole.start : hole.end]


def test_what_is_locked(client: object, file: Path) -> None:
    """Kinds and lines are in no hole; words that change them are refused, and others land."""
    client.script = [NEW, "!="]
    changed = run("a.py:2-3", "--strength", "0.5", "--lock", "names, literals", "--keep", "3").stdout
    assert changed == "if a != True:\n    b = 1\n"
    client.script = [NEW]
    assert run("a.py:2-3", "-i", "Simplify", "--keep", "3").stdout == f"{NEW}\n"
    client.script = [NEW.replace("b = 1", "b = 2")] * 3
    refused = run("a.py:2-3", "-i", "Simplify", "--keep", "3")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "locked" in str(refused.exception)


def test_a_translation_is_printed(client: object, file: Path) -> None:
    """In the other language, and the file stays."""
    file.write_text("def double(number):\n    return number * 2\n")
    go = "func double(number int) int {\n\treturn number * 2\n}"
    client.script = [go]
    result = run("a.py:1-2", "--to", "go")
    assert (result.exit_code, result.stdout) == (0, f"{go}\n")
    assert file.read_text().startswith("def double")
    assert client.requests[0].instruction == "Translate this code from python to go."


def test_lines_that_cut_a_statement(client: object, file: Path) -> None:
    """The whole statement is rewritten; printed are the selected lines and those that changed beyond them."""
    client.script = [NEW, "if a:\n    c = 1"]
    assert run("a.py:2").stdout == "if a:\n"
    assert run("a.py:2").stdout == "if a:\n    c = 1\n"


def test_diff_and_in_place(client: object, file: Path) -> None:
    """Only the line that differs is replaced."""
    client.script = [NEW]
    lines = run("a.py:2-3", "--in-place", "--diff").stdout.splitlines()
    assert [line for line in lines[3:] if line[0] in "+-"] == ["-if a == True:", "+if a:"]
    assert file.read_text() == CODE.replace(" == True", "")


def test_json(client: object, file: Path) -> None:
    """One object with the text, its diff and what it cost."""
    client.script = [NEW]
    said = json.loads(run("a.py:2-3", "--json").stdout)
    assert said["text"] == NEW
    assert (said["forwards"], said["tokens"], said["model"]) == (3, 5, "stand-in")
    assert said["diff"].startswith("--- a/a.py\n")


def test_all_of_the_standard_input_is_the_selection(client: object) -> None:
    """As an editor's filter: the selected lines come in, what replaces them goes out, indentation kept."""
    client.script = [NEW]
    given = b"    if a == True:\r\n        b = 1\r\n"
    result = run("-", "--language", "python", given=given)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == b"    if a:\r\n        b = 1\r\n"


def test_lines_of_the_standard_input(client: object) -> None:
    """The whole text comes out, with these lines rewritten."""
    client.script = [NEW]
    assert run("-:2-3", "--language", "python", given=CODE).stdout == CODE.replace(" == True", "")


def test_steps_are_shown_on_stderr(client: object, file: Path) -> None:
    """Frames are asked for only then."""
    client.script = [NEW, NEW]
    assert run("a.py:2-3").stderr == ""
    result = run("a.py:2-3", "--watch-steps")
    assert result.stdout == f"{NEW}\n"
    assert result.stderr.startswith("step   1  ▒\n")
    assert [request.frames for request in client.requests] == [False, True]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("missing.py:1-2", "cannot read missing.py"),
        ("a.py:3-9", "there is no line 9 in a.py: it has 4 lines"),
        ("empty.py:1", "nothing is selected to rewrite"),
        ("binary:1", "not a text file"),
        ("long.py:1", "longer than"),
    ],
)
def test_what_cannot_be_rewritten(client: object, file: Path, place: str, said: str) -> None:
    """A sentence, exit code 1, nothing on stdout, and the model is not asked."""
    (file.parent / "binary").write_bytes(b"\0")
    (file.parent / "empty.py").write_bytes(b"")
    (file.parent / "long.py").write_text("x = " + "1 + " * 250_000 + "1\n")
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
        ["a.py:3-2"],
        ["a.py:1", "--strength", "1.5"],
        ["-", "--language", "python", "--in-place"],
        ["a.py:1", "--task", "dance"],
        ["a.py:1", "--task", "translate"],
        ["a.py:1", "--task", "docs", "--to", "go"],
        ["a.py:1", "--task", "test", "--in-place"],
        ["a.py:1", "--to", "go", "--diff"],
        ["a.py:1", "--lock", "names,statements"],
        ["a.py:1", "--keep", "one"],
        ["a.py:1", "--keep", "0-1"],
    ],
)
def test_wrong_usage(client: object, file: Path, arguments: list[str]) -> None:
    """Exit code 2, and nothing is read or asked."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert client.requests == []


def test_nothing_to_change(client: object, file: Path) -> None:
    """The same text again is no success; a filter gives back what it got."""
    same = "if a == True:\n    b = 1"
    client.script = [same, same, same, CODE, CODE, CODE]
    result = run("a.py:2-3", "--in-place")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the model would change nothing" in str(result.exception)
    assert file.read_text() == CODE
    result = run("-", "--language", "python", given=CODE)
    assert (result.exit_code, result.stdout) == (1, CODE)


def test_an_engine_that_fails(client: object, file: Path) -> None:
    """Its message is the user's."""
    client.script = [EngineFailed("no memory", hint="Close something.")]
    assert str(run("a.py:2-3").exception) == "no memory\nClose something."
