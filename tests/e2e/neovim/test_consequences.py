"""Changes with consequences in real Neovims, against the real server with a stand-in for the model."""

from __future__ import annotations

import pytest

from tests.e2e.neovim.session import Vim
from tests.lsp.conftest import Standin

pytestmark = pytest.mark.e2e
PRICES = ("def price(item, count):", "    return item.cost * count")
ORDERS = "from {} import price\n\nprint(price(1, 2))\n"


def test_a_change_reaches_files_that_are_not_open(vim: Vim, standin: Standin) -> None:
    """Other parameters at the cursor; the other file is changed in a buffer, not on disk, and undo works."""
    standin.answers({"before": "price(1, 2,", "fill": " 3)"})
    orders = vim.folder / "project" / "orders.py"
    orders.parent.mkdir(parents=True, exist_ok=True)
    text = ORDERS.format(f"a{vim.opened + 1}")
    orders.write_text(text, encoding="utf-8")
    vim.open("\n".join(PRICES) + "\n")
    vim.keys("gg0wl:RemaskChange (item, count, tax)<CR>")
    vim.until_lines("def price(item, count, tax):", PRICES[1])
    there = f"vim.fn.getbufline(vim.fn.bufnr('{orders}'), 3)[1]"
    vim.until(f"{there} == 'print(price(1, 2, 3))'", "the call has its argument")
    assert orders.read_text(encoding="utf-8") == text
    vim.keys("u")
    vim.until_lines(*PRICES)


def test_holes_of_all_buffers_are_filled(vim: Vim, standin: Standin) -> None:
    """Also of the one that is not shown."""
    standin.answers({"fill": "1"})
    other = vim.open("x = ___\n")
    vim.lua("vim.bo.bufhidden = 'hide'; vim.o.hidden = true")
    vim.open("y = ___\n")
    vim.keys(":RemaskFillAllHoles<CR>")
    vim.until_lines("y = 1")
    vim.until(f"vim.fn.getbufline(vim.fn.bufnr('{other}'), 1)[1] == 'x = 1'", "the other is filled too")
