from collections.abc import Callable
from pathlib import Path

import pytest
from corpus import gather as module
from corpus.gather import gather
from corpus.packages import REGISTRIES, Package

from lsp_server.training.corpus.documents import CorpusDocument
from lsp_server.training.corpus.reasons import Reason


def code(name: str) -> str:
    return "".join(f"def {name}_{at}(width, height):\n    return width * height\n\n\n" for at in "abcdefghij")


@pytest.mark.parametrize("registry", REGISTRIES)
def test_documents_of_a_package(
    tmp_path: Path, make: Callable, package: Callable[..., Package], registry: str
) -> None:
    """Good files come by path with language and licence, the others are counted."""
    listed = package(registry=registry, include=("src/*", "old/*"))
    files = {"src/b.py": code("b"), "src/a.rs": code("a").replace("\n", "\r\n"), "src/c.py": "x = 1\n"}
    archives = make(listed, files | {"docs/d.py": code("d"), "src/e.bin": "x"})
    found = gather(listed, archives, tmp_path / "work")
    assert found.documents == (
        CorpusDocument(code("a"), "rust", "src/a.rs", "x", "MIT"),
        CorpusDocument(code("b"), "python", "src/b.py", "x", "MIT"),
    )
    assert found.dropped[Reason.SMALL] == 1
    assert found.dropped[Reason.UNKNOWN] >= 1


def test_files_under_another_licence_are_left_out(
    tmp_path: Path, make: Callable, package: Callable[..., Package]
) -> None:
    """A package of one licence may hold files of another."""
    listed = package(registry="debian")
    archives = make(listed, {"old/a.py": code("a"), "b.py": code("b")})
    found = gather(listed, archives, tmp_path / "work")
    assert [document.path for document in found.documents] == ["b.py"]
    assert found.dropped[Reason.LICENCE] == 1


def test_gathered_once(
    tmp_path: Path, make: Callable, package: Callable[..., Package], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that was gathered by the same rules is read from the work folder."""
    archives = make(package(), {"b.py": code("b"), "c.py": "x"})
    first = gather(package(), archives, tmp_path / "work")
    archives[0].unlink()
    assert gather(package(), archives, tmp_path / "work") == first


def test_no_package_drowns_the_others(
    tmp_path: Path, make: Callable, package: Callable[..., Package], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large package some files are taken, always the same."""
    monkeypatch.setattr(module, "MOST_CHARS", 2 * len(code("a")))
    archives = make(package(), {f"{name}.py": code(name) for name in "abcdef"})
    found = gather(package(), archives, tmp_path / "one")
    assert len(found.documents) == 2
    assert found.dropped[Reason.CAPPED] == 4
    assert gather(package(), archives, tmp_path / "two") == found
