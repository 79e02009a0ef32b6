"""The palette's refactors in VS Code: each asks in its own words, and says if it has nothing to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.window import Window, missing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
BODY = "def total(numbers):\n    result = 0\n    return result\n"
ALONE = "Accept|Reject|Again"
"""The actions above the only hunk."""
DONE = '''def total(numbers: int) -> int:
    """Add the numbers."""
    try:
        return numbers
    except TypeError:
        raise
'''
"""There is nothing left to be done with it."""
SIMPLE = "def total(numbers):\n    return 0\n"
CAUGHT = """\
def total(numbers):
    try:
        result = 0
        return result
    except TypeError:
        raise
"""
IN_PLACE = {
    "Simplify": ({"instruction": "Simplify this code", "fill": SIMPLE}, SIMPLE),
    "Add Types": ({"fill": "int"}, BODY.replace("(numbers):", "(numbers: int) -> int:")),
    "Add Docstring": (
        {"fill": "Add the numbers."},
        BODY.replace(":\n", ':\n    """Add the numbers."""\n', 1),
    ),
    "Handle Errors": ({"fill": "TypeError:\n        raise"}, CAUGHT),
    "Make Async": ({"instruction": "asynchronous", "fill": f"async {BODY}"}, f"async {BODY}"),
}
"""By title: what the model says, in a hole or in the place of all, and what comes of it."""
ASIDE = "Write a Test", "Translate to Another Language"
"""Those whose result belongs into a new document."""


@pytest.mark.parametrize("title", IN_PLACE)
def test_each_asks_in_its_own_words(window: Window, standin: Standin, title: str) -> None:
    """For the statement that begins in the cursor's line; what comes of it is made once it is accepted."""
    rule, result = IN_PLACE[title]
    standin.answers(rule, {"fill": BODY})
    name = f"{title.lower()}.py"
    window.edit(name, BODY)
    window.press("Control+Home")
    window.command(f"Remask: {title}")
    window.lenses(ALONE)
    assert window.clean(name) == BODY
    window.press("Control+Enter")
    window.lenses()
    window.holds(name, result)


def test_a_local_gets_a_clearer_name(window: Window, standin: Standin) -> None:
    """The model names it in a remark, and finds the function likelier so."""
    unclear = BODY.replace("result", "tmp")
    standin.answers(
        {"before": "# Clear names: `tmp` -> `", "fill": "sum_of_all`"},
        likely={"sum_of_all": 0.9, "tmp": 0.001},
    )
    window.edit("names.py", unclear)
    window.press("Control+Home")
    window.command("Remask: Rename for Clarity")
    window.lenses(ALONE)
    window.press("Control+Enter")
    window.lenses()
    window.holds("names.py", unclear.replace("tmp", "sum_of_all"))


def test_a_test_is_written_beside_the_code(window: Window, standin: Standin) -> None:
    """Into a new document of the same language; the code stays."""
    standin.answers({"instruction": "Write a unit test", "fill": "assert total([]) == 0\n"})
    window.edit("tested.py", BODY)
    window.press("Control+Home")
    window.command("Remask: Write a Test")
    window.page.wait_for_selector('.tab.active:has-text("Untitled")')
    window.lenses(ALONE)
    window.picture("test")
    window.press("Control+Enter")
    window.reads("assert total([]) == 0")
    window.page.wait_for_selector('.statusbar-item:has-text("Python")')
    assert (window.folder / "tested.py").read_text(encoding="utf-8") == BODY


def test_code_is_translated_beside_it(window: Window, standin: Standin) -> None:
    """Into a new document of the language that was chosen; the code stays."""
    translated = "function total(numbers) {\n    return 0;\n}\n"
    standin.answers({"instruction": "from python to javascript", "fill": translated})
    window.edit("translated.py", BODY)
    window.press("Control+A")
    window.command("Remask: Translate to Another Language")
    window.answer("Translate to which language?", "javascript")
    window.page.wait_for_selector('.tab.active:has-text("Untitled")')
    window.lenses(ALONE)
    window.picture("translation")
    window.press("Control+Enter")
    window.reads("function total(numbers)")
    window.page.wait_for_selector('.statusbar-item:has-text("JavaScript")')
    assert (window.folder / "translated.py").read_text(encoding="utf-8") == BODY


def test_a_diagnostic_is_fixed(window: Window, standin: Standin) -> None:
    """What the editor's own checker says of the line becomes the words of the rewrite."""
    standin.answers(
        {"instruction": "is not assignable to type 'number'", "fill": 'const width: string = "eight";\n'}
    )
    window.edit("fixed.ts", 'const width: number = "eight";\n')
    window.page.wait_for_selector(".squiggly-error", state="attached")
    window.press("Control+Home")
    window.command("Remask: Fix This Diagnostic")
    window.lenses(ALONE)
    window.press("Control+Enter")
    window.reads("width: string")
    window.holds("fixed.ts", 'const width: string = "eight";\n')


def test_marked_holes_are_denoised_where_they_stand(window: Window, standin: Standin, tmp_path: Path) -> None:
    """Also in the middle of a line, whose rest stays in sight."""
    gate = tmp_path / "gate"
    standin.answers({"fill": "width * height", "gate": str(gate)})
    window.edit("holes.py", "area = (___) + 1\n")
    window.command("Remask: Fill All Holes")
    window.painted("░░░) + 1")
    window.picture("hole")
    gate.touch()
    window.lenses(ALONE)
    window.press("Control+Enter")
    window.reads("height")
    window.holds("holes.py", "area = (width * height) + 1\n")


@pytest.mark.parametrize("title", IN_PLACE)
def test_what_would_change_nothing_says_so(window: Window, standin: Standin, title: str) -> None:
    """The file stays."""
    standin.answers({"fill": DONE})
    name = f"same {title.lower()}.py"
    window.edit(name, DONE)
    window.press("Control+Home")
    window.command(f"Remask: {title}")
    window.notice("would change nothing")
    assert window.clean(name) == DONE


def test_what_has_nothing_to_work_on_says_so(window: Window) -> None:
    """No code, no diagnostic, no hole: each is told, and the file stays."""
    window.edit("nothing.py", f"{BODY}\n")
    nothing = dict.fromkeys((*IN_PLACE, *ASIDE, "Rewrite Selection"), "nothing is selected")
    for title, said in (
        *nothing.items(),
        ("Fill All Holes", "Nothing was changed"),
        ("Fix This Diagnostic", "no diagnostic"),
    ):
        window.command(f"Remask: {title}")
        window.notice(said)
    assert window.clean("nothing.py") == f"{BODY}\n"


def test_what_cannot_be_rewritten_says_why(window: Window) -> None:
    """A document that VS Code makes up, and no document."""
    window.command("Preferences: Open Default Settings (JSON)")
    window.active("defaultSettings.json")
    for title in ("Simplify", "Fill All Holes", "Look for Suspicious Code"):
        window.command(f"Remask: {title}")
        window.notice("only files")
