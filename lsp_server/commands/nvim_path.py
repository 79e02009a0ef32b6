"""`remask nvim-path`: where the Neovim plugin lies."""

from __future__ import annotations

from pathlib import Path

import lsp_server

PLUGIN = Path(lsp_server.__file__).parent / "editors" / "nvim"
"""A folder as Neovim's option `runtimepath` names them."""


def command() -> None:
    """Print the runtime path of the Neovim plugin, for one line in its configuration."""
    print(PLUGIN)
