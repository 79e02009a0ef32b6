"""The Neovim plugin with the real model."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import PATIENCE_S, Shell
from tests.e2e.neovim.session import configuration, neovims

pytestmark = [pytest.mark.e2e, pytest.mark.model]
TEXT = """\
class Basket:
    def __init__(self):
        self.items = []

    def count(self):
"""


@pytest.mark.parametrize("version", ["0.11", "0.12"])
def test_the_model_completes(version: str, real: Shell, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A body is suggested as ghost text and taken."""
    with neovims(real.env, tmp_path_factory, PATIENCE_S) as start:
        vim = start(version, configuration(budget_ms=600_000))  # all of it, however busy the machine is
        vim.open(TEXT)
        vim.keys("Go")
        vim.until_ghost("return len(self.items)")
        vim.keys("<Tab>")
        vim.until_lines(*TEXT.splitlines(), "        return len(self.items)")
