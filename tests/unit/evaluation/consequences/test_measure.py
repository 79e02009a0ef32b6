from __future__ import annotations

import ast

import pytest

from lsp_server.evaluation.consequences.binding import bound, callings, functions, signature
from lsp_server.evaluation.consequences.figures import in_words
from lsp_server.evaluation.consequences.holes import ALONE, MARKED, TOGETHER, by_holes
from lsp_server.evaluation.consequences.kinds import KINDS, made
from lsp_server.evaluation.consequences.measure import GIVEN_BACK, WAYS, by_model, by_syntax
from lsp_server.evaluation.consequences.site import LEFT, MISSED, RIGHT, WRONG, Site, outcome
from tests.unit.service.consequences.conftest import Model

SHAPES = "def area(width, height):\n    return width * height\n\n\nx = area(1, 2)\n"
USE = "from shapes import area\n\n\ndef f(a, b):\n    return area(a, b)\n"
DOCUMENTS = [{"path": "shapes.py", "text": SHAPES}, {"path": "use.py", "text": USE}]


def test_parameters_are_taken_away_and_given_back() -> None:
    """Every way is asked about the same calls; one is right if it is as it was before."""
    model = Model()
    model.writes = {"area(1,": " 2)", "area(a,": " wrong", "area(": " 1, "}
    found = list(by_model(model, "shapes", DOCUMENTS, most=1, seed=0))
    assert [each.way for each in found] == [way for way in WAYS for _ in range(2)]
    assert {each.kind for each in found} == {GIVEN_BACK}
    assert sorted({each.place for each in found}) == ["shapes.py:5", "use.py:5"]
    assert {each.outcome for each in found if each.place == "shapes.py:5"} == {RIGHT}
    assert RIGHT not in {each.outcome for each in found if each.place == "use.py:5"}


def test_marked_holes_are_filled_alone_and_together() -> None:
    """The same holes; what stands in the other document is shown only if both are filled together."""
    model = Model()
    model.writes = {"x = area": "(1", "return area": "(wrong"}
    found = list(by_holes(model, "shapes", DOCUMENTS, most=1, seed=0))
    assert [each.way for each in found] == [ALONE, ALONE, TOGETHER, TOGETHER]
    assert {each.kind for each in found} == {MARKED}
    assert "___" in found[0].before
    assert {each.outcome for each in found if each.place == "shapes.py:5"} == {RIGHT}
    assert {each.outcome for each in found if each.place == "use.py:5"} == {WRONG}


def test_no_change_is_made_up_where_calls_cannot_be_told() -> None:
    """A function with one call, or one whose arguments are handed on."""
    for text in (
        "def area(a):\n    return a\n\n\narea(1)\n",
        "def area(a):\n    return a\n\n\narea(*x)\narea(*y)\n",
    ):
        assert not list(by_model(Model(), "one", [{"path": "one.py", "text": text}], most=5, seed=0))


def test_every_kind_of_change_is_followed_and_compared() -> None:
    """By syntax alone: all calls bind what they bound before, by the new name or parameters."""
    shapes = SHAPES.replace("height)", "height=3)")
    found = by_syntax("shapes", [{"path": "shapes.py", "text": shapes}, DOCUMENTS[1]], most=3, seed=0)
    kinds = {each.kind for each in found}
    assert kinds == set(KINDS) - {"reordered"}  # one has a default, the other none
    assert {each.outcome for each in found} == {RIGHT}
    assert not any(each.untouched for each in found if each.kind == "renamed")


def test_what_is_not_followed_is_told_from_what_is_said() -> None:
    """A call right by chance is right; else it was left and said, missed, or made wrong."""
    assert outcome(right=True, same=True, told=True) == RIGHT
    assert outcome(right=False, same=True, told=True) == LEFT
    assert outcome(right=False, same=True, told=False) == MISSED
    assert outcome(right=False, same=False, told=False) == WRONG


def test_names_that_mean_several_things_are_not_changed() -> None:
    """Nor what the language's own objects call so."""
    twice = {"a.py": ast.parse("def f(x): ...\ndef g(f): ...\ndef append(x): ...\n")}
    assert {each.name for each in made(twice, 0, 9)} == {"g"}


@pytest.mark.parametrize(
    ("header", "call", "given"),
    [
        ("def f(a, b=1): ...", "f(1, b=2)", {"a": "1", "b": "2"}),
        ("class f:\n  def __init__(self, a): ...", "f(1)", {"a": "1"}),
        ("def f(a, *r): ...", "f(1, 2, 3)", {"a": "1", "r": "('2', '3')"}),
        ("def f(a): ...", "f()", None),
        ("def f(a): ...", "f(*x)", None),
    ],
)
def test_what_parameters_get(header: str, call: str, given: dict[str, str] | None) -> None:
    """As Python binds them; nothing where it cannot be told."""
    [(function, holder)] = functions(ast.parse(header))
    of = signature(function, holder)
    [calling] = callings(ast.parse(call), frozenset({"f"}))
    assert of is not None
    assert bound(calling.node, of) == given


def test_the_tables() -> None:
    """Kinds by what became of calls; ways, and thresholds, by shares of all and of what was written."""
    sites = [
        Site("p", GIVEN_BACK, way, "c", f"{number}", "", "", "", result, confidence=sure, seconds=4.0)
        for way in WAYS
        for number, (result, sure) in enumerate([(RIGHT, 0.9), (RIGHT, 0.4), (WRONG, 0.6), (LEFT, 0.0)])
    ]
    sites += [Site("p", "removed", "syntax", "c", f"{each}", "", "", "", each) for each in (RIGHT, MISSED)]
    kinds, ways, thresholds = (table.splitlines() for table in in_words(sites, 0.5).split("\n\n"))
    assert kinds[2] == "| removed | 1 | 2 | 0.00 | 0.50 | 0.00 | 0.50 | 0.00 |"
    assert len(ways) == 2 + len(WAYS)
    assert ways[-1].endswith("| 1 | 4 | 0.25 | 0.50 | 0.25 | 0.50 | 1.0 |")
    assert "| 0.0 | 0.50 | 0.25 | 0.25 | 0.67 |" in thresholds
    assert "| 0.7 | 0.25 | 0.75 | 0.00 | 1.00 |" in thresholds
