"""What stands around a cell, and that a hole's window goes on with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.context.gather import Context, Gatherer
from lsp_server.context.notebook import Notebooks
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.settings import ContextSettings
from lsp_server.core.types import Document, Span
from lsp_server.service.prompt import Target, compose
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

BOOK = "file:///nb.ipynb"


def cell(key: str, text: str, language: str = "python") -> Document:
    return Document(key, language, text, Path("/nb.ipynb"), notebook=BOOK)


def book(*cells: Document) -> Notebooks:
    notebooks = Notebooks({each.key: each for each in cells}.get)
    notebooks.arrange(BOOK, [each.key for each in cells])
    return notebooks


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([], ("", "")),
        ([cell("b", "y = 2")], ("", "\n\ny = 2")),
        ([cell("b", "\n\ny = 2\r\n")], ("", "\n\ny = 2")),
        ([cell("b", "")], ("", "")),
        ([cell("b", "# Sum\n\nof all", "markdown")], ("", "\n\n# # Sum\n#\n# of all")),
        ([cell("b", "SELECT 1", "sql")], ("", "")),
        ([cell("b", "y = 2"), cell("c", "z = 3")], ("", "\n\ny = 2\n\nz = 3")),
    ],
)
def test_other_cells_are_as_in_one_file(cells: list[Document], expected: tuple[str, str]) -> None:
    """Those of the language, and prose as comments; the same above as below."""
    own = cell("a", "x = 1")
    above, below = expected
    assert book(own, *cells).around(own) == (above, below)
    assert book(*cells, own).around(own) == (below.removeprefix("\n\n") + "\n\n" if below else "", above)


def test_what_is_no_cell_has_nothing_around_it() -> None:
    """A file, a cell of a notebook that is closed, one that was taken out, one that is not there."""
    own, other = cell("a", "x"), cell("b", "y")
    notebooks = book(own, other)
    assert notebooks.around(Document("a", "python", "x")) == ("", "")
    assert notebooks.around(cell("unknown", "x")) == ("", "")
    notebooks.splice(BOOK, 0, 1, ["gone"])
    assert notebooks.around(own) == ("", "")
    assert notebooks.around(other) == ("", "")
    assert set(notebooks.forget(BOOK)) == {"gone", "b"}
    assert notebooks.around(other) == ("", "")


@pytest.mark.parametrize(
    ("start", "gone", "fresh", "expected"),
    [
        (0, 0, ["n"], "nabc"),
        (1, 1, [], "ac"),
        (1, 2, ["n"], "an"),
        (9, 9, ["n"], "abcn"),
        (3, 0, ["n"], "abcn"),
    ],
)
def test_cells_are_put_in_and_out(start: int, gone: int, fresh: list[str], expected: str) -> None:
    """As the protocol's splices say, also where they leave the notebook."""
    notebooks = book(*(cell(key, key) for key in "abc"))
    notebooks.splice(BOOK, start, gone, fresh)
    assert "".join(notebooks.forget(BOOK)) == expected


def shown(text: str, at: int, above: str, below: str, **settings: int) -> tuple[Context, str]:
    """What is gathered for a hole in a cell between two others, and the model's text."""
    own = cell("a", text)
    gatherer = Gatherer(Workspace(), RecentEdits(), book(cell("1", above), own, cell("2", below)))
    parsed = parse(text, language_for("python"))
    context = gatherer.gather(own, parsed, Span(at, at), ContextSettings(**settings))
    return context, compose(own, context, [Target(Span(at, at), head=0)]).text


def test_a_window_goes_on_in_other_cells() -> None:
    """The hole stands where it stands in its cell; each room is used up where there is text."""
    context, text = shown("x = \n", 4, "import math\r\n", "print(x)")
    assert context.window.text == "x = \n"
    assert text == "import math\n\nx = \n\n\nprint(x)"
    _, narrow = shown(
        "x = \n", 4, "import math\n" * 90, "print(x)\n" * 90, prefix_tokens=20, suffix_tokens=10
    )
    before, after = narrow.split("x = ")
    assert 0 < before.count("import math\n") < 90
    assert 0 < after.count("print(x)\n") < 90


def test_a_long_cell_needs_no_others() -> None:
    """A window inside the cell is what it was without a notebook."""
    text = "value = 1\n" * 300
    context, _ = shown(text, 1500, "import math", "print(x)", prefix_tokens=50, suffix_tokens=50)
    assert (context.above, context.below) == ("", "")
    assert context.window.text == text[context.window.start :][: len(context.window.text)]
    assert context.window.start <= 1500 < context.window.start + len(context.window.text)
