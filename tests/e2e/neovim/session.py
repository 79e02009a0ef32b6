"""A real headless Neovim with the plugin, driven over its own RPC."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pynvim
import pytest

from tests.e2e.debian import NotToBeHad
from tests.e2e.neovim.fetch import neovim

PATIENCE_S = 120.0
"""After which something waited for has failed; the model, where it is not prepared, takes minutes."""
WAYS = [("0.11", "own"), ("0.12", "builtin"), ("0.12", "own")]
"""A version of Neovim, and who draws the ghost text in it."""
SETUP = """\
vim.o.swapfile = false
vim.opt.rtp:append(vim.trim(vim.fn.system({{ {python}, '-m', 'lsp_server', 'nvim-path' }})))
messages = {{}}
asked = vim.ui.input
vim.notify = function(message, level) table.insert(messages, message) end
require('remask').setup(vim.json.decode({options}))
"""
_GHOST = """
  local found = {}
  for name, ns in pairs(vim.api.nvim_get_namespaces()) do
    if name == 'nvim.lsp.inline_completion' or name == 'remask.ghost' then
      for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, ns, 0, -1, { details = true })) do
        local rows = { mark[4].virt_text or {} }
        vim.list_extend(rows, mark[4].virt_lines or {})
        local lines = vim.tbl_map(function(chunks)
          return table.concat(vim.tbl_map(function(chunk) return chunk[1] end, chunks))
        end, rows)
        table.insert(found, ('%d:%d:%s'):format(mark[2], mark[3], table.concat(lines, '\\n')))
      end
    end
  end
  return found
"""


@dataclass
class Vim:
    """One Neovim, with one file open in a folder of its own."""

    api: pynvim.Nvim
    folder: Path
    patience_s: float = PATIENCE_S
    opened: int = 0

    @classmethod
    def start(cls, program: Path, folder: Path, init: str, patience_s: float) -> Vim:
        """Start one whose configuration is `init`; the environment is the caller's."""
        config = folder / "init.lua"
        config.write_text(init, encoding="utf-8")
        argv = [str(program), "--embed", "--headless", "-n", "-i", "NONE", "-u", str(config)]
        return cls(pynvim.attach("child", argv=argv), folder, patience_s)

    def end(self) -> None:
        with suppress(OSError, EOFError):
            self.api.command("qa!")
        self.api.close()

    def forget(self) -> None:
        """Be as at the start, but for the server, which goes on: no file, nothing told."""
        self.keys(r"<C-\><C-n>")
        self.api.command("silent! %bwipeout!")
        self.lua("messages = {}; vim.ui.input = asked")

    def lua(self, code: str, *arguments: object) -> Any:  # noqa: ANN401 -- whatever Lua returns
        return self.api.exec_lua(code, *arguments)

    def open(self, text: str) -> Path:
        """Open a Python file and wait until the server is attached and its engine can answer."""
        path = self.open_early(text)
        self.until(
            """(function()
              local client = vim.lsp.get_clients({ bufnr = 0, name = 'remask' })[1]
              local params = { command = 'remask.status' }
              local answer = client:request_sync('workspace/executeCommand', params, 5000)
              return answer and answer.result and answer.result.engine.phase == 'ready'
            end)()""",
            "the engine is ready",
        )
        return path

    def open_early(self, text: str) -> Path:
        """Open a Python file and wait until the server is attached."""
        self.opened += 1
        path = self.folder / "project" / f"a{self.opened}.py"
        (path.parent / ".git").mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        self.api.command(f"edit {path}")
        self.until("vim.lsp.get_clients({ bufnr = 0, name = 'remask' })[1] ~= nil", "a client attached")
        self.until("vim.lsp.get_clients({ bufnr = 0, name = 'remask' })[1].initialized", "it is initialised")
        return path

    def keys(self, keys: str) -> None:
        """Press keys, as `nvim_input` writes them."""
        self.api.input(keys)

    def until(self, condition: str, what: str) -> None:
        """Wait until a Lua expression holds. Keys are handled between two looks, not during one."""
        end = time.monotonic() + self.patience_s
        while not self.lua(f"return vim.wait(10, function() return {condition} end, 2)"):
            if time.monotonic() > end:
                raise AssertionError(f"never: {what}\n{self.diagnosis()}")

    def until_ghost(self, text: str) -> None:
        """Wait until exactly this ghost text is shown, wherever it is."""
        wanted = f"^%d+:%d+:{_lua_pattern(text)}$"
        self.lua("ghost = loadstring(...)", _GHOST)
        condition = f"(function() local g = ghost(); return #g == 1 and g[1]:match({_lua(wanted)}) end)()"
        self.until(condition, f"ghost text {text!r}")

    def until_no_ghost(self) -> None:
        self.lua("ghost = loadstring(...)", _GHOST)
        self.until("#ghost() == 0", "no ghost text")

    def until_lines(self, *lines: str) -> None:
        wanted = _lua("\n".join(lines))
        got = "table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')"
        self.until(f"{got} == {wanted}", f"the buffer is {lines}")

    def until_told(self, part: str) -> None:
        """Wait until the user was told something with `part` in it."""
        wanted = _lua(part)
        self.until(f"table.concat(messages, '\\n'):find({wanted}, 1, true) ~= nil", f"told {part!r}")

    def lines(self) -> list[str]:
        return list(self.api.current.buffer)

    def diagnosis(self) -> str:
        """What to know about a failure."""
        told = self.lua("return { messages, require('remask').status(), vim.api.nvim_get_mode() }")
        logs = [path.read_text(encoding="utf-8")[-3000:] for path in self.folder.rglob("lsp.log")]
        shown = self.lua(_GHOST)
        last = self.api.command_output("messages")
        return "\n".join([str(told), f"lines {self.lines()}", f"ghost {shown}", last, *logs])


Start = Callable[[str, str], Vim]


@contextmanager
def neovims(
    env: Mapping[str, str], temporary: pytest.TempPathFactory, patience_s: float = PATIENCE_S
) -> Iterator[Start]:
    """Starts Neovims, given a version and a configuration, which end with the context.

    Where a version cannot be had the test is skipped, saying why.
    """
    started: list[Vim] = []

    def start(version: str, init: str) -> Vim:
        try:
            program = neovim(version)
        except NotToBeHad as reason:
            pytest.skip(str(reason))
        folder = temporary.mktemp("neovim")
        own = {
            f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("STATE", "DATA", "CACHE", "CONFIG")
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**env, **own}.items():
                patch.setenv(name, value)
            started.append(Vim.start(program, folder, init, patience_s))
        return started[-1]

    yield start
    for each in started:
        each.end()


def configuration(ghost: str = "auto", cmd: list[str] | None = None, budget_ms: int = 2500) -> str:
    """A user's configuration: the one line and `setup`."""
    options = {
        "cmd": cmd or [sys.executable, "-m", "lsp_server", "serve"],
        "settings": {"completion": {"debounceMs": 0, "ahead": False, "budgetMs": budget_ms}},
        "ghost": ghost,
    }
    return SETUP.format(python=_lua(sys.executable), options=_lua(json.dumps(options)))


def _lua(text: str) -> str:
    """A Lua string literal."""
    level = "=" * 3
    return f"[{level}[{text}]{level}]" if not text.startswith("\n") else f"[{level}[\n{text}]{level}]"


def _lua_pattern(text: str) -> str:
    return re.sub(r"([^\w\s])", r"%\1", text)
