"""The extension in a real VS Code window, with the stand-in for the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode import Window, missing, opened_window

if TYPE_CHECKING:
    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
BODY = "def total(numbers):\n    result = 0\n    return result\n"


@pytest.fixture(scope="module")
def opened(shared_standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window for all tests, each of which edits a file of its own."""
    with opened_window(tmp_path_factory.mktemp("vscode"), shared_standin.env) as window:
        shared_standin.answers({"fill": "1"})
        window.wake("1")
        yield window


@pytest.fixture
def window(opened: Window, standin: Standin, request: pytest.FixtureRequest) -> Iterator[Window]:
    """The window, of which each test leaves a picture."""
    yield opened
    opened.picture(request.node.name)
    opened.press("Escape", "Escape")


def test_ghost_text_is_accepted(window: Window, standin: Standin) -> None:
    """What the server suggests appears behind the cursor, and Tab puts it into the file; then the next."""
    standin.answers({"before": "def add", "fill": "(a, b):"}, {"before": "b):", "fill": "\n    return a + b"})
    window.edit("ghost.py", "# top\n\n")
    window.type("def add")
    window.ghost("(a, b):")
    window.press("Tab")
    window.ghost("return a + b")
    window.picture("ghost")
    window.press("Tab")
    assert window.saved("ghost.py").strip() == "# top\n\ndef add(a, b):\n    return a + b"


def test_suggestions_are_cycled_and_taken_by_word(window: Window, standin: Standin) -> None:
    """The editor's own keys ask for more of them, go through them, and take a word of one."""
    standin.answers({"before": "total =", "candidates": ["first + 1", "second + 2"]})
    window.edit("cycle.py", "")
    window.type("total = ")
    window.ghost("first + 1")
    window.press("Alt+]")
    window.ghost("second + 2")
    window.press("Control+ArrowRight")
    window.press("Escape")
    assert window.saved("cycle.py").strip() == "total = second"


def test_a_selection_is_rewritten_and_accepted(window: Window, standin: Standin) -> None:
    """Words are asked for, a diff is shown, and accepting it changes the file."""
    standin.answers({"instruction": "use sum", "fill": "    return sum(numbers)"})
    rewrite(window, "rewrite.py", "use sum")
    window.diff("return sum(numbers)")
    window.picture("diff")
    assert (window.folder / "rewrite.py").read_text(encoding="utf-8") == BODY
    window.command("Remask: Accept Rewrite")
    window.reads("return sum(numbers)")
    assert window.saved("rewrite.py") == "def total(numbers):\n    return sum(numbers)\n"


def test_a_rewrite_is_drawn_anew_and_rejected(window: Window, standin: Standin) -> None:
    """Another one replaces the first in the diff; rejecting it leaves the file as it was."""
    standin.answers({"instruction": "use sum", "fill": "    return sum(numbers)"})
    rewrite(window, "again.py", "use sum")
    window.diff("return sum(numbers)")
    standin.answers({"instruction": "use sum", "fill": "    return math.fsum(numbers)"})
    window.press("Control+Alt+R")
    window.diff("return math.fsum(numbers)")
    window.command("Remask: Reject Rewrite")
    window.active("again.py")
    assert window.saved("again.py") == BODY


def test_a_refactor_of_the_palette_is_a_rewrite(window: Window, standin: Standin) -> None:
    """Its words are its own; the cursor's line stands for the statement that begins there."""
    standin.answers(
        {"instruction": "Add a short documentation", "fill": BODY.replace(":\n", ":\n    'Sum.'\n", 1)}
    )
    window.edit("docstring.py", BODY)
    window.press("Control+Home")
    window.command("Remask: Add Docstring")
    window.diff("'Sum.'")
    window.press("Control+Enter")
    window.reads("'Sum.'")
    assert "'Sum.'" in window.saved("docstring.py")


def test_what_has_nothing_to_offer_says_so(window: Window, standin: Standin) -> None:
    """No holes, no diagnostic, no change: each is told, and the file stays."""
    standin.answers({"fill": BODY})
    window.edit("nothing.py", BODY)
    window.press("Control+Home")
    for command, said in (
        ("Fill All Holes", "Nothing was changed"),
        ("Fix This Diagnostic", "no diagnostic"),
        ("Simplify", "would change nothing"),
    ):
        window.command(f"Remask: {command}")
        window.notice(said)
    assert window.saved("nothing.py") == BODY


def test_the_status_bar_snoozes_and_wakes(window: Window, standin: Standin) -> None:
    """A click offers to snooze; the item says that it is, nothing is suggested, and waking undoes it."""
    standin.answers({"fill": "1"})
    window.edit("snooze.py", "")
    window.menu()
    window.picture("menu")
    window.choose("Snooze for 10 minutes")
    window.status("snoozed")
    window.menu()
    window.choose("Resume suggestions")
    window.status("ready")
    window.type("x = ")
    window.ghost("1")


def test_a_language_is_turned_off(window: Window, standin: Standin) -> None:
    """The menu writes the setting, the server follows it at once and says why it is silent; and back."""
    standin.answers({"fill": "1"})
    window.edit("off.py", "")
    window.menu()
    window.choose("Turn off for python")
    window.type("x = ")
    window.status("turned off for this language")
    window.menu()
    window.choose("Turn on for python")
    window.type("1 + ")
    window.ghost("1")


def test_an_engine_that_dies_comes_back(window: Window, standin: Standin) -> None:
    """Killed without a word, it is started again by what is typed next."""
    standin.answers({"fill": "1"})
    window.edit("killed.py", "")
    standin.kill()
    window.wake("1")


def test_the_server_is_restarted(window: Window, standin: Standin) -> None:
    """The command ends it and starts another, which knows the files that are open."""
    standin.answers({"fill": "1"})
    window.edit("restarted.py", "x")
    before = window.servers()
    window.command("Remask: Restart")
    window.until(lambda: len(window.servers() - before) == 1 and not window.servers() & before)
    window.status("ready")
    window.wake("1")


def rewrite(window: Window, name: str, words: str) -> None:
    """Ask for a function's body to be rewritten."""
    window.edit(name, BODY)
    window.press("ArrowUp", "Home", "Home", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown")
    window.press("Control+Alt+R")
    window.answer("Rewrite Selection", words)
