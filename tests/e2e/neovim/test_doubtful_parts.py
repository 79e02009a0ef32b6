"""Parts of ghost text in real Neovims: no further than what is certain."""

from __future__ import annotations

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
FIRST = "add = first = second = '🎈'"
FILL = "= add(first, second)"
RULES = ({"before": "y ", "fill": FILL, "doubts": {"second)": {"third)": 0.3}}},)


def test_a_line_is_accepted_up_to_the_first_doubtful_token(each_vim: Vim, standin: Standin) -> None:
    """The next time the doubtful token is taken, and what follows it in its line."""
    standin.answers(*RULES)
    each_vim.open(f"{FIRST}\n")
    each_vim.keys("oy ")
    each_vim.until_ghost(FILL)
    each_vim.keys("<M-C-Right>")
    each_vim.until_lines(FIRST, "y = add(first,")
    each_vim.until_ghost(" second)")
    each_vim.keys("<M-C-Right>")
    each_vim.until_lines(FIRST, "y = add(first, second)")
    each_vim.until_no_ghost()
