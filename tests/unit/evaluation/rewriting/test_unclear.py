"""Functions whose local variables were given names that say nothing."""

from __future__ import annotations

from lsp_server.core.types import Document, Span
from lsp_server.evaluation.rewriting.pieces import Piece
from lsp_server.evaluation.rewriting.unclear import became, can_be_made_unclear, cleared, made_unclear

CODE = """\
    def f(self, rows):
        total = sum(rows.total)
        é = "ü", total
        length = [rows for rows in é]
        return total, length, tmp
"""


def piece(text: str = CODE) -> Piece:
    return Piece("a.py:2", Document("a", "python", f"class A:\n{text}"), Span(9, 9 + len(text)))


def test_variables_that_are_given_other_names() -> None:
    """The first two with telling names, wherever they stand; members and texts stay, parameters too."""
    before = made_unclear(piece()).text
    lines = before.split("\n")
    first, second = lines[1].split(" = ")[0].strip(), lines[3].split(" = ")[0].strip()
    expected = CODE.replace("total =", f"{first} =").replace(", total\n", f", {first}\n")
    assert before == expected.replace("length", second).replace("return total", f"return {first}")
    assert "tmp" not in {first, second}


def test_what_became_of_them() -> None:
    """Both must have names that may say something, and nothing else may differ."""
    before = made_unclear(piece()).text
    assert cleared(before, CODE)
    assert [(was, now) for was, _, now in became(CODE, before, CODE)] == [("total",) * 2, ("length",) * 2]
    assert not cleared(before, before)
    assert not cleared(before, CODE.replace("sum", "max"))
    half = CODE.replace("length", "xx")
    assert [now for _, _, now in became(CODE, before, half)] == ["total"]
    assert not cleared(before, half)


def test_functions_without_two_of_them() -> None:
    """Are not asked about."""
    assert can_be_made_unclear(piece())
    assert not can_be_made_unclear(piece(CODE.replace("length", "n")))
