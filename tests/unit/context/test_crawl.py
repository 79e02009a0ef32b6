"""Walking folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lsp_server.context.crawl import DEEPEST, crawl


def nothing(_: Path) -> bool:
    return False


def found(folder: Path, *, most: int = 10_000) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in crawl(folder, nothing, most=most)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.py", "a.py", "z/deep/d.py", "m/c.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    return tmp_path


def test_shallow_files_come_first_in_a_stable_order(tree: Path) -> None:
    """Where a limit cuts the walk short, it has seen the files nearest to the root."""
    assert found(tree) == ["a.py", "b.py", "m/c.py", "z/deep/d.py"]


def test_skipped_folders_are_not_entered(tree: Path) -> None:
    """A folder that is skipped takes all below it with it."""
    paths = crawl(tree, lambda path: path.name == "z", most=100)
    assert [path.name for path in paths] == ["a.py", "b.py", "c.py"]


def test_the_limit_counts_entries(tree: Path) -> None:
    """No more entries than allowed are looked at."""
    assert found(tree, most=2) == ["a.py", "b.py"]


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    """A root that is gone is empty."""
    assert found(tmp_path / "gone") == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_not_followed(tree: Path) -> None:
    """A link to a parent is no endless tree, and a link to a file is not the file."""
    (tree / "m" / "loop").symlink_to(tree, target_is_directory=True)
    (tree / "m" / "link.py").symlink_to(tree / "a.py")
    (tree / "m" / "broken.py").symlink_to(tree / "nowhere")
    assert found(tree) == ["a.py", "b.py", "m/c.py", "z/deep/d.py"]


def test_depth_is_bounded(tmp_path: Path) -> None:
    """Folders nested beyond reason are left out."""
    deep = tmp_path.joinpath(*["d"] * (DEEPEST + 1))
    deep.mkdir(parents=True)
    (deep / "a.py").write_text("", encoding="utf-8")
    (deep.parent / "b.py").write_text("", encoding="utf-8")
    assert [Path(name).name for name in found(tmp_path)] == ["b.py"]


def test_unreadable_folders_are_passed_over(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without permission hides its own files only."""
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "m":
            raise PermissionError(13, "no", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found(tree) == ["a.py", "b.py", "z/deep/d.py"]
