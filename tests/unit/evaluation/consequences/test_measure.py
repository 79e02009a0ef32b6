from __future__ import annotations

from lsp_server.evaluation.consequences.figures import in_words
from lsp_server.evaluation.consequences.measure import WAYS, Trial, trials
from tests.unit.service.consequences.conftest import Model

SHAPES = "def area(width, height):\n    return width * height\n\n\nx = area(1, 2)\n"
USE = "from shapes import area\n\n\ndef f(a, b):\n    return area(a, b)\n"


def test_parameters_are_taken_away_and_given_back() -> None:
    """Every way is asked about the same changes; a call is exact if it is as it was before."""
    model = Model()
    model.writes = {"area(1,": " 2)", "area(a,": " wrong", "area(": " 1, "}
    documents = [{"path": "shapes.py", "text": SHAPES}, {"path": "use.py", "text": USE}]
    found = list(trials(model, "shapes", documents, most=1, seed=0))
    assert [each.way for each in found] == list(WAYS)
    assert {each.calls for each in found} == {2}
    assert all(each.exact + each.left <= each.calls for each in found)
    assert {each.exact for each in found} == {1}


def test_no_change_is_made_up_where_calls_cannot_be_told() -> None:
    """A function with one call, or one whose arguments are handed on."""
    for text in (
        "def area(a):\n    return a\n\n\narea(1)\n",
        "def area(a):\n    return a\n\n\narea(*x)\narea(*y)\n",
    ):
        assert not list(trials(Model(), "one", [{"path": "one.py", "text": text}], most=5, seed=0))


def test_the_table_has_a_row_for_each_way() -> None:
    """Shares of all calls, and of those that were written."""
    made = [Trial("p", "c", way, 4, exact, 1, 2.0) for exact, way in enumerate(WAYS, 1)]
    rows = in_words(made).splitlines()
    assert len(rows) == 2 + len(WAYS)
    assert rows[-1].endswith("| 1 | 4 | 0.75 | 0.25 | 1.00 | 0.5 |")
