"""Real Emacsen, configured as the README says, against the real server with a stand-in for the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.debian import NotToBeHad
from tests.e2e.emacs.fetch import Emacs, emacs
from tests.e2e.terminal import Terminal, home, project, snippet, wake
from tests.lsp.conftest import Standin

EARLY = """\
(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)
(setq make-backup-files nil auto-save-default nil inhibit-startup-screen t ring-bell-function #'ignore)
"""
"""No compiler and no files of its own: nothing that Remask could notice."""
Open = Callable[[str, str], Terminal]


@pytest.fixture(scope="session")
def program() -> Emacs:
    try:
        return emacs()
    except NotToBeHad as reason:
        pytest.skip(str(reason))


@pytest.fixture
def opened(program: Emacs, standin: Standin, tmp_path: Path) -> Iterator[Open]:
    """Opens a text in an Emacs whose configuration is a snippet of the README."""
    wake(standin)
    env = home(tmp_path, {**standin.env, **program.env})
    config = tmp_path / ".emacs.d"
    config.mkdir()
    (config / "elpa").symlink_to(program.packages)
    (config / "early-init.el").write_text(EARLY, encoding="utf-8")
    started: list[Terminal] = []

    def start(name: str, text: str) -> Terminal:
        (config / "init.el").write_text(snippet(name), encoding="utf-8")
        file = project(tmp_path, text)
        started.append(Terminal([*program.command, "-nw", str(file)], env, file))
        return started[-1]

    yield start
    for each in started:
        each.end()
