from __future__ import annotations

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import RewriteSettings
from lsp_server.core.types import Document, Span
from lsp_server.service.plan import MOST_HOLES, PRESET, Plan, plan_body, plan_holes, plan_rewrite
from lsp_server.service.wish import Wish
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse

CODE = "def f(a):\n    b = a\n    return b\n"


def python(text: str) -> tuple[Document, Parsed]:
    return Document("a", "python", text), parse(text, language_for("python"))


def rewriting(text: str, span: Span, **options: object) -> Plan:
    settings = RewriteSettings(**options.pop("settings", {}))
    (plan,) = plan_rewrite(*python(text), span, settings, Wish(**options))
    return plan


@pytest.mark.parametrize(
    ("options", "instruction", "strength"),
    [
        ({}, PRESET, 1.0),
        ({"instruction": " Use a loop. "}, "Use a loop.", 1.0),
        ({"instruction": " "}, PRESET, 1.0),
        ({"strength": 0.3}, None, 0.3),
        ({"strength": 0.3, "instruction": "Use a loop."}, "Use a loop.", 0.3),
        ({"settings": {"strength": 0.5}, "instruction": "Use a loop."}, "Use a loop.", 0.5),
        ({"settings": {"strength": 0.5}, "instruction": "Loop.", "strength": 1.0}, "Loop.", 1.0),
        ({"settings": {"strength": 0.5}}, None, 0.5),
        ({"settings": {"strength": 0.5}, "strength": 1.0}, PRESET, 1.0),
    ],
)
def test_words_or_strength(options: dict[str, object], instruction: str | None, strength: float) -> None:
    """An instruction is passed on with its strength; only full strength without words takes the preset."""
    plan = rewriting(CODE, Span(14, 19), **options)
    assert (plan.instruction, plan.share) == (instruction, strength)
    assert plan.in_part is (strength < 1)
    assert not plan.fresh
    assert not plan.targets[0].healed


def test_the_selection_grows_to_whole_statements() -> None:
    """A selection that cuts statements takes in all of them."""
    (target,) = rewriting(CODE, Span(16, 28)).targets
    assert target.present.strip() == "b = a\n    return b"
    assert target.present == CODE[target.span.start : target.span.end]


@pytest.mark.parametrize(
    ("text", "span", "options"),
    [
        ("\n\n\n", Span(1, 2), {}),
        ("", Span(0, 0), {}),
        (CODE, Span(14, 19), {"strength": 1.5}),
        (CODE, Span(14, 19), {"strength": -0.1}),
        (CODE, Span(0, len(CODE)), {"settings": {"max_tokens": 1}}),
        (CODE, Span(14, 19), {"strength": 0.0}),
        (CODE, Span(14, 19), {"instruction": " ?! "}),
        (CODE, Span(14, 19), {"task": "dance"}),
        (CODE, Span(14, 19), {"strength": 0.3, "locked": (Span(0, len(CODE)),)}),
        ("x" * 5_000_000, Span(0, 9), {}),
    ],
)
def test_what_cannot_be_rewritten(text: str, span: Span, options: dict[str, object]) -> None:
    """Nothing selected, too much selected and impossible strengths are refused with a reason."""
    with pytest.raises(BadInput):
        rewriting(text, span, **options)


@pytest.mark.parametrize(
    ("text", "language", "replaced", "kept", "min_indent", "max_lines"),
    [
        (CODE, "python", "b = a\n    return b", "", 4, None),
        ('def f():\n    """Say so."""\n    pass\n', "python", "pass", "", 4, None),
        ('def f():\n    """Say so."""\n', "python", "", "\n    ", 4, None),
        ("def f():\n    r'''Say\n    so.'''\n    pass\n", "python", "pass", "", 4, None),
        ("def f():\n\t...\n", "python", "...", "", 1, None),
        ("def f(): return 1\n", "python", "return 1", "", None, 1),
        ("class A:\n    def f(self): ...\n", "python", "...", "", None, 1),
        ("function f() { return 1; }\n", "javascript", "return 1;", "", None, None),
        ("function f() {\n  return 1;\n}\n", "javascript", "return 1;", "", 2, None),
    ],
)
def test_bodies_keep_what_is_around_them(
    text: str, language: str, replaced: str, kept: str, min_indent: int | None, max_lines: int | None
) -> None:
    """The hole is the body without docstring and braces, and the fill stays inside the function."""
    at = text.index("f(") + 1
    parsed = parse(text, language_for(language))
    plan = plan_body(Document("a", language, text), parsed, Span(at, at), RewriteSettings())
    assert plan is not None
    (target,) = plan.targets
    assert text[target.span.start : target.span.end] == replaced
    assert (target.kept, target.min_indent, target.max_lines) == (kept, min_indent, max_lines)


def test_no_body_outside_functions() -> None:
    """Where no function is there is no body to fill."""
    assert plan_body(*python("x = 1\n"), Span(2, 2), RewriteSettings()) is None


@pytest.mark.parametrize(
    ("text", "language", "kept", "max_lines"),
    [
        ("def f():\n    ...\n", "python", [""], None),
        ("x = ___ + ___\n", "python", ["", ""], 1),
        ("def f(a):\n    # remask: sort it\n    return a\n", "python", ["# sort it\n    "], None),
        ("def f(a):\n    # TODO: sort it\n    pass\n", "python", ["# sort it\n    "], None),
        ("def f(a):\n    # remask:\n    return a\n", "python", [""], None),
        ("a {\n  /* remask: in red */\n}\n", "css", ["/* in red */\n  "], None),
    ],
)
def test_markers_become_holes(text: str, language: str, kept: list[str], max_lines: int | None) -> None:
    """Each marker is a target; its instruction stays as a comment of the language."""
    parsed = parse(text, language_for(language))
    (plan,) = plan_holes(Document("a", language, text), parsed, None)
    assert [target.kept for target in plan.targets] == kept
    assert {target.max_lines for target in plan.targets} == {max_lines}
    assert plan.fresh


def test_many_holes_are_split_over_requests() -> None:
    """A request holds few holes that lie close together, and every hole is in exactly one."""
    text = "x = ___\n" * 20 + "#" * 5_000 + "\ny = ___\n"
    plans = list(plan_holes(*python(text), None))
    sizes = [len(plan.targets) for plan in plans]
    assert sizes == [MOST_HOLES, MOST_HOLES, 4, 1]
    starts = [target.span.start for plan in plans for target in plan.targets]
    assert starts == sorted(set(starts))


@pytest.mark.parametrize(("text", "single"), [("x = width\n", True), ("width: int = 'a'\n", False)])
def test_only_a_name_that_is_used_becomes_another(text: str, single: bool) -> None:
    """A problem of a name where it is defined is mended in words, which keep the name."""
    at = text.index("width")
    plan = rewriting(text, Span(at, at + 5), instruction="what is wrong", task="fix")
    assert plan.single is single
