"""Rewrites in VS Code: denoised in place, reviewed hunk by hunk, and what an edit does to them."""

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
LONG = "def all():\n" + "".join(f"    {word}()\n" for word in ("one", "two", "three", "four", "five", "six"))
OPEN, ALONE, FIRST = "Accept|Reject", "Accept|Reject|Again", "Accept|Reject|Accept all|Reject all|Again"
ACCEPTED, REJECTED = "Accepted|Reopen", "Rejected|Reopen"
"""The actions above a hunk: one of several, the only one, the current one of several; once it is decided."""


def test_a_rewrite_is_denoised_in_place(window: Window, standin: Standin, tmp_path: Path) -> None:
    """Tokens appear before masks where they will stand, the file untouched; accepting is one step of undo."""
    gate = tmp_path / "gate"
    rule = {"instruction": "use sum", "fill": "    values = list(numbers)\n    return sum(values)\n"}
    standin.answers({**rule, "gate": str(gate)})
    rewrite(window, "rewrite.py", "use sum")
    window.painted("    values", "░")
    window.picture("denoising")
    assert window.clean("rewrite.py") == BODY
    gate.touch()
    window.lenses(ALONE)
    window.painted("    values = list(numbers)\n    return sum(values)")
    window.picture("review")
    assert window.clean("rewrite.py") == BODY
    window.press("Control+Enter")
    window.reads("return sum(values)")
    window.unpainted()
    window.holds("rewrite.py", "def total(numbers):\n" + rule["fill"])
    window.press("Control+Z")
    window.reads("result = 0")
    window.holds("rewrite.py", BODY)


def test_frames_follow_one_another(window: Window, standin: Standin) -> None:
    """What is committed later is seen while there are masks still."""
    fill = "    values = list(numbers)\n    return sum(values)\n"
    standin.answers({"instruction": "use sum", "fill": fill, "step_ms": 400})
    rewrite(window, "frames.py", "use sum")
    window.painted("    values", "░░░░░")
    window.painted("    values = list(numbers)\n    return", "░")
    window.lenses(ALONE)


def test_each_hunk_is_decided_by_itself(window: Window, standin: Standin) -> None:
    """The file gets the accepted ones and nothing else, when all are decided; one undo takes them back."""
    changed = LONG.replace("one", "ONE").replace("three", "THREE").replace("five", "FIVE")
    standin.answers({"instruction": "replace", "fill": changed})
    rewrite(window, "hunks.py", "replace", LONG)
    window.lenses(FIRST, OPEN, OPEN)
    window.picture("hunks")
    window.press("Alt+Enter")
    window.lenses(ACCEPTED, FIRST, OPEN)
    window.press("Alt+Backspace")
    window.lenses(ACCEPTED, REJECTED, FIRST)
    window.picture("decided")
    assert window.clean("hunks.py") == LONG
    window.press("Alt+Enter")
    window.reads("FIVE")
    window.unpainted()
    window.holds("hunks.py", changed.replace("THREE", "three"))
    window.press("Control+Z")
    window.reads("five()")
    window.holds("hunks.py", LONG)


def test_actions_stand_above_each_hunk(window: Window, standin: Standin) -> None:
    """A click decides about its own hunk, not the current one, and can be taken back."""
    standin.answers({"instruction": "replace", "fill": LONG.replace("one", "ONE").replace("five", "FIVE")})
    rewrite(window, "lenses.py", "replace", LONG)
    window.lenses(FIRST, OPEN)
    window.page.click('.codelens-decoration a:has-text("Accept") >> nth=-1')
    window.lenses(FIRST, ACCEPTED)
    window.page.click('.codelens-decoration a:has-text("Reopen")')
    window.lenses(OPEN, FIRST)
    window.press("Alt+F5")
    window.lenses(FIRST, OPEN)
    window.press("Alt+Backspace")
    window.lenses(REJECTED, FIRST)
    window.press("Alt+Enter")
    window.reads("FIVE")
    window.holds("lenses.py", LONG.replace("five", "FIVE"))


def test_what_was_not_accepted_is_drawn_anew(window: Window, standin: Standin) -> None:
    """The accepted hunk stays through another rewrite, whatever that made of it."""
    standin.answers({"instruction": "replace", "fill": LONG.replace("one", "ONE").replace("five", "FIVE")})
    rewrite(window, "again.py", "replace", LONG)
    window.lenses(FIRST, OPEN)
    window.press("Alt+Enter")
    window.lenses(ACCEPTED, FIRST)
    standin.answers({"instruction": "replace", "fill": LONG.replace("one", "uno").replace("five", "cinque")})
    window.press("Control+Alt+R")
    window.painted("cinque()")
    window.lenses(ACCEPTED, FIRST)
    window.press("Control+Enter")
    window.reads("cinque")
    window.holds("again.py", LONG.replace("one", "ONE").replace("five", "cinque"))


def test_a_rejected_rewrite_leaves_the_file(window: Window, standin: Standin) -> None:
    """Escape takes it away, and the file was never touched."""
    standin.answers({"instruction": "use sum", "fill": "    return sum(numbers)\n"})
    rewrite(window, "rejected.py", "use sum")
    window.lenses(ALONE)
    window.press("Escape")
    window.unpainted()
    assert window.clean("rejected.py") == BODY


def test_a_change_elsewhere_moves_the_review(window: Window, standin: Standin) -> None:
    """What is typed above it shifts the hunks; what is typed in one ends it, and nothing is written."""
    standin.answers({"instruction": "use sum", "fill": "    return sum(numbers)\n"})
    rewrite(window, "moved.py", "use sum")
    window.lenses(ALONE)
    window.press("Control+Home", "Enter")
    window.lenses(ALONE)
    window.press("Control+Enter")
    window.reads("return sum")
    window.holds("moved.py", "\ndef total(numbers):\n    return sum(numbers)\n")
    rewrite(window, "touched.py", "use sum")
    window.lenses(ALONE)
    window.press("Control+End", "ArrowUp", "End")
    window.type("s")
    window.notice("was changed where it was being rewritten")
    window.unpainted()
    window.holds("touched.py", BODY.replace("return result", "return results"))


def test_typing_into_what_is_rewritten_ends_it(window: Window, standin: Standin, tmp_path: Path) -> None:
    """The model's work is withdrawn, which is said, and what was typed stays."""
    standin.answers(
        {"instruction": "use sum", "fill": "    return sum(numbers)\n", "gate": str(tmp_path / "gate")}
    )
    rewrite(window, "typed.py", "use sum")
    window.painted("    return", "░")
    window.press("Control+End", "ArrowUp", "End")
    window.type("s")
    window.notice("was changed where it was being rewritten")
    window.unpainted()
    window.holds("typed.py", BODY.replace("return result", "return results"))


def test_escape_cancels(window: Window, standin: Standin, tmp_path: Path) -> None:
    """While it is denoised: the paint goes, the file stays, and the next rewrite is as good as the first."""
    rule = {"instruction": "use sum", "fill": "    return sum(numbers)\n"}
    standin.answers({**rule, "gate": str(tmp_path / "gate")})
    rewrite(window, "escaped.py", "use sum")
    window.painted("    return", "░")
    window.press("Escape")
    window.unpainted()
    assert window.clean("escaped.py") == BODY
    standin.answers(rule)
    rewrite(window, "escaped.py", "use sum")
    window.lenses(ALONE)


def test_what_is_there_is_taken(window: Window, standin: Standin, tmp_path: Path) -> None:
    """While it is denoised: whole lines are reviewed, the rest stays as it was; one step of undo."""
    fill = LONG.replace("one", "ONE").replace("six", "SIX")
    never = str(tmp_path / "gate")
    standin.answers({"instruction": "shout", "fill": fill, "gate": never, "gate_after": 5})
    rewrite(window, "taken.py", "shout", LONG)
    window.painted("ONE()", "░")
    window.press("Control+Enter")
    window.lenses(ALONE)
    assert window.clean("taken.py") == LONG
    window.press("Control+Enter")
    window.reads("ONE()")
    window.holds("taken.py", LONG.replace("one", "ONE"))
    window.press("Control+Z")
    window.reads("one()")
    window.holds("taken.py", LONG)


def test_a_code_action_is_reviewed_too(window: Window, standin: Standin) -> None:
    """What the light bulb offers is denoised in place and accepted like any other rewrite."""
    standin.answers({"fill": BODY.replace("    result = 0\n", "").replace("result", "0")})
    window.edit("bulb.py", BODY)
    window.press("Control+A")
    window.fix("Rewrite with Remask")
    window.lenses(ALONE)
    assert (window.folder / "bulb.py").read_text(encoding="utf-8") == BODY
    window.press("Control+Enter")
    window.reads("return 0")
    window.holds("bulb.py", "def total(numbers):\n    return 0\n")


def rewrite(window: Window, name: str, words: str, text: str = BODY) -> None:
    """Ask for a function's body to be rewritten, or for all of another text."""
    window.edit(name, text)
    if text == BODY:
        window.press("ArrowUp", "Home", "Home", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown")
    else:
        window.press("Control+A")
    window.press("Control+Alt+R")
    window.answer("Rewrite Selection", words)
