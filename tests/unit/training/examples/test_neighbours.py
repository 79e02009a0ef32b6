"""Snippets come from the files a document imports, or that lie beside it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.types import Span
from lsp_server.training.examples.neighbours import Neighbours
from lsp_server.training.examples.page import Page, Source


@dataclass(frozen=True)
class _File:
    text: str
    path: str
    language: str = "python"
    package: str = "a"


def shown(files: Sequence[Source], number: int = 0, at: str = "", seeds: int = 12) -> set[str]:
    """All lines shown for a hole behind `at`, over some seeds."""
    page, lines = Page(files[number]), set()
    offset = page.text.index(at) + len(at)
    for seed in range(seeds):
        rng = random.Random(seed)
        around = Neighbours(files).around(number, rng)
        for snippet in around.snippets(page, Span(offset, offset), rng):
            lines |= {f"{snippet.path}: {line}" for line in snippet.text.split("\n")}
    return lines


def test_imported_definitions(files: Sequence[Source]) -> None:
    """What is imported and used near the hole is shown by its signature."""
    assert 'shapes/base.py: def scaled(value, factor): """`value` times `factor`."""' in shown(
        files, at="return scaled"
    )


def test_relative_imports_are_followed() -> None:
    """An import of the package itself is found in its folder, and its own names are not shown."""
    files = [
        _File("from ..core import tools\n\ndef own(): ...\n\ntools.sharpen(", "pkg/sub/a.py"),
        _File("def sharpen(blade):\n    return blade\n\ndef own(): ...\n", "pkg/core/tools.py"),
        _File("def sharpen(pencil):\n    return pencil\n", "other/tools.py", package="b"),
    ]
    found = shown(files, at="tools.sharpen(", seeds=3)
    assert "pkg/core/tools.py: def sharpen(blade):" in found
    assert not any("pencil" in line for line in found)


def test_same_folder() -> None:
    """A file beside the document is known, as in the server's workspace."""
    files = [
        _File("x = Blade(", "pkg/a.py"),
        _File("class Blade:\n    def cut(self): ...\n", "pkg/b.py"),
        _File("class Blade2:\n    pass\n", "far/c.py"),
    ]
    assert "pkg/b.py: class Blade:" in shown(files, at="Blade(")


def test_lately_edited() -> None:
    """Now and then whole lines of another file are shown, as if they had been edited."""
    files = [_File("x = 1\n", "pkg/a.py"), _File("one = 1\ntwo = 2\nthree = 3\n", "pkg/b.py")]
    found = shown(files, seeds=60)
    assert found
    assert found <= {"pkg/b.py: one = 1", "pkg/b.py: two = 2", "pkg/b.py: three = 3"}


def test_secrets_stay_hidden() -> None:
    """Lines that look like a secret are not shown."""
    key = "AKIA" + "ABCDEFGH" * 2
    files = [_File("x = 1\n", "pkg/a.py"), _File(f'aws_key = "{key}"\n' * 9, "pkg/b.py")]
    assert shown(files, seeds=60) == set()


def test_alone() -> None:
    """A package of one file has nothing to show."""
    assert shown([_File("import os\nos.path", "a.py")]) == set()
