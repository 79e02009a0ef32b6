"""Which files of a root git and the user want left alone.

Rules follow gitignore(5): a deeper file overrides a shallower one, the last
matching line of a file decides, and nothing inside an ignored folder can be
taken back. `.remaskignore` files speak the same language and go before the
`.gitignore` beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pathspec import GitIgnoreSpec

from lsp_server.context.reading import read_text

IGNORE_FILES = (".remaskignore", ".gitignore")
"""Read in every folder; the first goes before the second."""

ALWAYS_IGNORED = frozenset({
    *(".git", ".hg", ".svn", ".jj", "CVS"),
    *("node_modules", "bower_components", "jspm_packages", ".yarn", ".pnpm-store"),
    *(".venv", "venv", "virtualenv", "site-packages", "__pycache__", ".eggs", ".tox", ".nox"),
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints"),
    *("target", "dist", "build", "_build", "out", "obj", ".build", "DerivedData", "Pods"),
    *(".gradle", ".m2", ".cargo", ".rustup", ".stack-work", "elm-stuff", "vendor"),
    *(".next", ".nuxt", ".svelte-kit", ".parcel-cache", ".turbo", ".angular", ".cache", "coverage"),
    *(".terraform", ".serverless", ".vagrant", ".idea", ".vs", ".vscode-test", ".direnv", ".bundle"),
})  # fmt: skip
"""Folders of tools and of what they make; below a root they are never looked into."""

_MOST_BYTES = 1_000_000


class IgnoreRules:
    """The rules that hold below `root`, read when first needed and then kept.

    A root inside a larger repository obeys that repository's rules too, unless
    they ignore the root itself: who opens an ignored folder wants to work in it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._specs: dict[Path, tuple[GitIgnoreSpec, ...]] = {}
        self._folders: dict[Path, bool] = {}
        self._base = _repository(root) or root
        if any(self._matched(folder, folder=True) for folder in _between(root, self._base)):
            self._base = root

    def ignored(self, path: Path) -> bool:
        """Whether the file at `path` is to be left alone; files outside the root are not."""
        return path.is_relative_to(self._root) and (
            self.folder_ignored(path.parent) or self._matched(path, folder=False)
        )

    def folder_ignored(self, path: Path) -> bool:
        """Whether a folder, or one it lies in, is to be left alone."""
        if path == self._root or not path.is_relative_to(self._root):
            return False
        known = self._folders.get(path)
        if known is None:
            known = path.name in ALWAYS_IGNORED or self.folder_ignored(path.parent)
            known = known or self._matched(path, folder=True)
            self._folders[path] = known
        return known

    def _matched(self, path: Path, *, folder: bool) -> bool:
        """What the nearest rule that speaks of `path` says."""
        for parent in _between(path.parent, self._base):
            name = path.relative_to(parent).as_posix() + ("/" if folder else "")
            for spec in self._specs_of(parent):
                include = _last_word(spec, name)
                if include is not None:
                    return include
        return False

    def _specs_of(self, folder: Path) -> tuple[GitIgnoreSpec, ...]:
        known = self._specs.get(folder)
        if known is None:
            files = [folder / name for name in IGNORE_FILES]
            if folder == self._base:
                files.append(_git_folder(folder) / "info" / "exclude")
            known = tuple(spec for file in files if (spec := _read_spec(file)) is not None)
            self._specs[folder] = known
        return known


def changes_rules(path: Path) -> bool:
    """Whether a change of the file at `path` changes what is ignored."""
    return path.name in IGNORE_FILES or path.parts[-3:] == (".git", "info", "exclude")


def _between(folder: Path, base: Path) -> Iterable[Path]:
    """`folder` and those it lies in, up to and with `base`."""
    for each in (folder, *folder.parents):
        if not each.is_relative_to(base):
            return
        yield each


def _repository(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def _git_folder(folder: Path) -> Path:
    """The repository's git folder; a worktree's `.git` is a file that names its own, below the shared one."""
    git = folder / ".git"
    pointer = read_text(git, 4_096)
    if pointer is None or not pointer.startswith("gitdir:"):
        return git
    own = folder / pointer.removeprefix("gitdir:").strip()
    shared = read_text(own / "commondir", 4_096)
    return own / shared.strip() if shared else own


def _last_word(spec: GitIgnoreSpec, name: str) -> bool | None:
    """Whether the last pattern that means `name` itself ignores it; None if there is none.

    `GitIgnoreSpec.check_file` also counts patterns that mean a folder above,
    which were heard when that folder was judged.
    """
    for pattern in reversed(spec.patterns):
        if pattern.include is not None:
            found = pattern.match_file(name)
            if found is not None and _means(found.match, name):
                return bool(pattern.include)
    return None


def _means(match: re.Match[str], name: str) -> bool:
    """Whether a pattern matched all of `name`: its named group is the slash behind a matched folder."""
    slash = match.lastgroup
    return slash is None or match.end(slash) == len(name) or (match[0] == "/" and name.endswith("/"))


def _read_spec(file: Path) -> GitIgnoreSpec | None:
    text = read_text(file, _MOST_BYTES)
    if not text:
        return None
    lines = text.splitlines()
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _valid(line)])


def _valid(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
