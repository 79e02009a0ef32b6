"""Parts of ghost text in real Neovims: no further than what is certain."""

from __future__ import annotations

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
FILL = "= add(first, second)\nz = 1"
RULES = ({"before": "y ", "fill": FILL, "doubts": {"second)": {"third)": 0.3}}},)


def test_a_line_is_accepted_up_to_the_first_doubtful_token(each_vim: Vim, standin: Standin) -> None:
    """The next time the doubtful token is taken and what follows it in its line; all is all."""
    standin.answers(*RULES)
    each_vim.open("# äöü 🎈\n")
    each_vim.keys("oy ")
    each_vim.until_ghost(FILL)
    each_vim.keys("<M-C-Right>")
    each_vim.until_lines("# äöü 🎈", "y = add(first,")
    each_vim.until_ghost(" second)\nz = 1")
    each_vim.keys("<M-C-Right>")
    each_vim.until_lines("# äöü 🎈", "y = add(first, second)")
    each_vim.until_ghost("\nz = 1")


def test_a_word_stops_before_a_doubtful_token(each_vim: Vim, standin: Standin) -> None:
    """Also where the token begins within the word; and all of it is accepted whatever is doubtful."""
    fill = "foo.bar ->baz"
    standin.answers({"before": "y = ", "fill": fill, "doubts": {"->baz": {"qux": 0.3}}})
    each_vim.open("x = 1\n")
    each_vim.keys("oy = ")
    each_vim.until_ghost(fill)
    each_vim.keys("<M-Right><M-Right><M-Right>")
    each_vim.until_lines("x = 1", "y = foo.bar")
    each_vim.keys("<M-Right>")
    each_vim.until_lines("x = 1", "y = foo.bar ->")
    each_vim.keys("<Tab>")
    each_vim.until_lines("x = 1", f"y = {fill}")
