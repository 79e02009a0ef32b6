"""What code is about."""

from __future__ import annotations

from lsp_server.core.types import Span
from lsp_server.syntax.gist import Gist, gist_of, leaves
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

CODE = """\
def total(items):
    '''Doc.'''
    result = 0
    for one in items:
        result += one.price("net")
    return result
"""


def gist(text: str) -> Gist:
    return gist_of(parse(text, language_for("python")), Span(0, len(text)))


def test_locals_are_no_part_of_the_gist() -> None:
    """What a function binds for itself may go; parameters, members, its name and its texts count."""
    found = gist(CODE)
    assert found.names == {"total", "items", "price"}
    assert found.texts == {"net"}
    assert {"total", "items"} <= found.defined


def test_how_much_is_kept() -> None:
    """Writing it shorter keeps all of it, leaving a call out does not; what was mentioned does not count."""
    short = gist('def total(items):\n    return sum(one.price("net") for one in items)\n')
    assert gist(CODE).kept_in(short) == 1.0
    lost = gist("def total(items):\n    return 0\n")
    assert gist(CODE).kept_in(lost) == 0.5
    assert gist(CODE).kept_in(lost, aside="drop price, and net") == 1.0
    assert gist("").kept_in(lost) == 1.0


def test_tokens_without_comments() -> None:
    """Names are told apart from other tokens, comments are left out."""
    text = "x = f(1)  # c\n"
    found = leaves(parse(text, language_for("python")), Span(0, len(text)))
    assert [each for each in found if each[0] == "name"] == [("name", "x"), ("name", "f")]
    assert not any("#" in token for _, token in found)
