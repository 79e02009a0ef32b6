"""The tables of the index."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.context.index import MOST_DEFINITIONS, Index, index_text, indexable, module_name
from lsp_server.syntax.languages import language_for, language_of_path

PYTHON = language_for("python")


def put(index: Index, path: str, text: str) -> None:
    index.put(index_text(Path(path), PYTHON, text))


def names(index: Index, name: str) -> list[tuple[str, str]]:
    return [(each.path.as_posix(), each.definition.signature) for each in index.named(name)]


def test_definitions_are_found_by_name_in_order() -> None:
    """Every definition of a name, by path and then by place."""
    index = Index()
    put(index, "/w/b.py", "def f(x): ...\nclass A:\n    def f(self): ...\n")
    put(index, "/w/a.py", "def f(y): ...\n")
    assert names(index, "f") == [
        ("/w/a.py", "def f(y):"),
        ("/w/b.py", "def f(x):"),
        ("/w/b.py", "def f(self):"),
    ]


def test_a_file_replaces_what_was_known_of_it() -> None:
    """Names that a new text no longer defines are forgotten."""
    index = Index()
    put(index, "/w/a.py", "def old(): ...\ndef same(): ...\n")
    put(index, "/w/a.py", "def new(): ...\ndef same(): ...\n")
    assert names(index, "old") == []
    assert len(names(index, "new")) == len(names(index, "same")) == len(index) == 1


def test_a_dropped_file_leaves_nothing() -> None:
    """Dropping forgets names and modules, and the tables do not grow."""
    index = Index()
    put(index, "/w/pkg/__init__.py", "def f(): ...\n")
    assert index.modules("pkg") == (Path("/w/pkg/__init__.py"),)
    index.drop(Path("/w/pkg/__init__.py"))
    index.drop(Path("/w/never.py"))
    assert (len(index), index.modules("pkg"), names(index, "f")) == (0, (), [])
    assert not index._names
    assert not index._modules


def test_files_below_a_folder() -> None:
    """A folder's files are told from those of one whose name merely begins the same."""
    index = Index()
    for path in ("/w/a/x.py", "/w/a/b/y.py", "/w/ab/z.py"):
        put(index, path, "")
    assert set(index.below(Path("/w/a"))) == {Path("/w/a/x.py"), Path("/w/a/b/y.py")}
    assert len(index.paths()) == 3


def test_signatures_with_secrets_are_not_kept() -> None:
    """A password in a default argument does not get into the index; its neighbours do."""
    secret = "hunter2" * 3
    file = index_text(Path("/w/a.py"), PYTHON, f'def login(password="{secret}"): ...\ndef logout(): ...\n')
    assert [each.name for each in file.definitions] == ["logout"]


def test_definitions_of_one_file_are_bounded() -> None:
    """A generated file cannot fill the index."""
    text = "".join(f"def f{number}(): ...\n" for number in range(MOST_DEFINITIONS + 10))
    assert len(index_text(Path("/w/a.py"), PYTHON, text).definitions) == MOST_DEFINITIONS


@pytest.mark.parametrize("text", ["", "\ufeff", "\x00\x01", "def f(:\n)(", "x" * 100_000, "👩‍👩‍👧 = 1\r\n"])
def test_any_text_can_be_indexed(text: str) -> None:
    """Broken, empty or odd text gives no error."""
    assert index_text(Path("/w/a.py"), PYTHON, text).path == Path("/w/a.py")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.py", True), ("a.tsx", True), ("a.rs", True), ("a.json", False), ("a.md", False), ("a.bin", False)],
)
def test_only_code_is_indexed(name: str, expected: bool) -> None:
    """Data and prose define nothing that code could name."""
    assert indexable(language_of_path(Path(name))) is expected


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/w/pkg/a.py", "a"),
        ("/w/pkg/__init__.py", "pkg"),
        ("/w/ui/index.tsx", "ui"),
        ("/w/types/a.d.ts", "a"),
        ("/w/net/mod.rs", "net"),
        ("/w/.hidden", ".hidden"),
    ],
)
def test_module_names(path: str, name: str) -> None:
    """Files that speak for their folder go by its name."""
    assert module_name(Path(path)) == name
