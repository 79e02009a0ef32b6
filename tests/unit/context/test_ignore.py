"""Ignore rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.context.ignore import IgnoreRules, changes_rules


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "path", "ignored"),
    [
        ({}, "src/main.py", False),
        ({".gitignore": "*.log\n"}, "src/a.log", True),
        ({".gitignore": "*.log\n!keep.log\n"}, "keep.log", False),
        ({".gitignore": "/only\n"}, "src/only", False),
        ({".gitignore": "gen/\n"}, "src/gen/a.py", True),
        ({".gitignore": "gen/\n"}, "src/gen", False),
        ({".gitignore": "gen/\n!gen/a.py\n"}, "gen/a.py", True),
        ({".gitignore": "gen/*\n!gen/a.py\n"}, "gen/a.py", False),
        ({".gitignore": "*\n!*/\n!*.py\n"}, "a/b/c.py", False),
        ({".gitignore": "*\n!*/\n!*.py\n"}, "a/b/c.txt", True),
        ({".gitignore": "logs/\n!foo/\n"}, "foo/logs/a.py", True),
        ({".gitignore": "*.log\n!foo\n"}, "foo/x.log", True),
        ({".gitignore": "a/**/b\n"}, "a/x/y/b/c.py", True),
        ({".gitignore": "**/gen\n"}, "x/gen/c.py", True),
        ({".gitignore": "a/b\n"}, "x/a/b", False),
        ({".gitignore": "*.py\n", "sub/.gitignore": "!*.py\n"}, "sub/a.py", False),
        ({"sub/.gitignore": "*.py\n"}, "a.py", False),
        ({"sub/.gitignore": "/a.py\n"}, "sub/deep/a.py", False),
        ({".remaskignore": "private/\n"}, "private/a.py", True),
        ({".gitignore": "a.py\n", ".remaskignore": "!a.py\n"}, "a.py", False),
        ({".gitignore": "!a.py\n", ".remaskignore": "a.py\n"}, "a.py", True),
        ({".git/info/exclude": "mine.py\n"}, "sub/mine.py", True),
        ({".git/info/exclude": "a.py\n", ".gitignore": "!a.py\n"}, "a.py", False),
        ({}, "node_modules/x/index.js", True),
        ({}, "web/__pycache__/x.py", True),
        ({}, ".git/hooks/a.py", True),
        ({".gitignore": "!node_modules/\n"}, "node_modules/x.js", True),
        ({".gitignore": "\\\n!\n# note\n\n*.log\n"}, "a.log", True),
        ({".gitignore": "\ufeff*.log\r\n"}, "a.log", True),
    ],
)
def test_rules(tmp_path: Path, files: dict[str, str], path: str, ignored: bool) -> None:
    """Rules are those of git, nested and negated, with ours on top and tool folders always out."""
    write(tmp_path, {".git/HEAD": "", **files})
    assert IgnoreRules(tmp_path).ignored(tmp_path / path) is ignored


def test_files_outside_the_root_are_not_ignored(tmp_path: Path) -> None:
    """Rules speak only of what lies below the root."""
    write(tmp_path, {"root/.gitignore": "*\n"})
    assert not IgnoreRules(tmp_path / "root").ignored(tmp_path / "other" / "a.py")


def test_rules_of_the_repository_above_hold(tmp_path: Path) -> None:
    """A root inside a repository obeys the rules at its top."""
    write(tmp_path, {".git/HEAD": "", ".gitignore": "*.log\n", "part/src/a.py": ""})
    assert IgnoreRules(tmp_path / "part").ignored(tmp_path / "part" / "src" / "a.log")


def test_an_ignored_root_is_worked_in(tmp_path: Path) -> None:
    """Opening a folder that a repository above ignores does not silence all of it."""
    write(tmp_path, {".git/HEAD": "", ".gitignore": "*\n", "part/.gitignore": "*.log\n"})
    rules = IgnoreRules(tmp_path / "part")
    assert not rules.ignored(tmp_path / "part" / "a.py")
    assert rules.ignored(tmp_path / "part" / "a.log")


def test_a_root_below_a_folder_with_a_tool_name_is_worked_in(tmp_path: Path) -> None:
    """Only what lies below the root counts: a project checked out in `build` is a project."""
    root = tmp_path / "build" / "project"
    write(root, {"a.py": ""})
    assert not IgnoreRules(root).ignored(root / "a.py")
    assert IgnoreRules(root).ignored(root / "build" / "a.py")


def test_worktree_uses_the_shared_excludes(tmp_path: Path) -> None:
    """In a worktree `.git` is a file; the excludes of the repository it belongs to hold."""
    write(
        tmp_path,
        {
            "main/.git/info/exclude": "mine.py\n",
            "main/.git/worktrees/w/commondir": "../..\n",
            "w/.git": "gitdir: ../main/.git/worktrees/w\n",
        },
    )
    assert IgnoreRules(tmp_path / "w").ignored(tmp_path / "w" / "mine.py")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/.gitignore", True),
        (".remaskignore", True),
        (".git/info/exclude", True),
        ("info/exclude", False),
        (".git/index", False),
        ("gitignore", False),
    ],
)
def test_which_files_change_rules(path: str, expected: bool) -> None:
    """Only ignore files change what is ignored."""
    assert changes_rules(Path("/w") / path) is expected
