"""The workspace with real files. Nothing here sleeps: every change is waited for by what it must lead to."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsp_server.context import refresh
from lsp_server.context.pending import MOST_PATHS
from lsp_server.context.watch import Watcher
from lsp_server.context.workspace import Workspace
from lsp_server.core.types import Document, Silence

PATIENCE_S = 20.0


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    made = Workspace(settle_s=0.005)
    yield made
    made.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "root"
    folder.mkdir()
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def where(workspace: Workspace, name: str) -> list[Path]:
    return [each.path for each in workspace.definitions_of(name)]


def opened(path: Path, text: str) -> Document:
    return Document(key=path.as_uri(), language="python", text=text, path=path)


def started(workspace: Workspace, *roots: Path) -> None:
    workspace.set_roots(roots)
    assert workspace.wait_idle(PATIENCE_S)


def becomes(workspace: Workspace, condition: Callable[[], bool]) -> bool:
    return workspace.wait_idle(PATIENCE_S, condition)


def test_files_of_all_roots_are_indexed(workspace: Workspace, root: Path, tmp_path: Path) -> None:
    """Every root's code files are read; other files are not."""
    one = write(root / "src" / "a.py", "def here(): ...\n")
    other = write(tmp_path.resolve() / "other" / "b.ts", "export function there() {}\n")
    write(root / "notes.md", "# here\n")
    started(workspace, root, other.parent)
    assert where(workspace, "here") == [one]
    assert where(workspace, "there") == [other]
    assert len(workspace.index) == 2


def test_excluded_files_are_not_indexed(workspace: Workspace, root: Path) -> None:
    """Ignored, private, binary and too large files are left out."""
    write(root / ".gitignore", "gen/\n")
    for name in ("gen/a.py", "node_modules/b.js", "credentials.py", ".venv/lib/c.py"):
        write(root / name, "def hidden(): ...\nfunction hidden() {}\n")
    (root / "binary.py").write_bytes(b"def hidden(): ...\n\x00\x01")
    write(root / "large.py", "def hidden(): ...\n" + "#" * 600_000)
    started(workspace, root)
    assert where(workspace, "hidden") == []


def test_odd_files_do_not_end_the_index(
    workspace: Workspace, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file on which indexing fails is left out; the others are there."""
    index_text = refresh.index_text

    def fail_once(path: Path, *rest: object) -> object:
        if path.name == "bad.py":
            raise RecursionError
        return index_text(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(refresh, "index_text", fail_once)
    write(root / "bad.py", "def bad(): ...\n")
    good = write(root / "good.py", "def good(): ...\n")
    started(workspace, root)
    assert (where(workspace, "bad"), where(workspace, "good")) == ([], [good])


def test_the_number_of_files_is_bounded(root: Path) -> None:
    """A huge tree fills the index up to its limit and no further."""
    for number in range(8):
        write(root / f"f{number}.py", f"def f{number}(): ...\n")
    workspace = Workspace(max_files=5, settle_s=0.005)
    started(workspace, root)
    workspace.close()
    assert len(workspace.index) == 5


def test_changes_on_disk_are_followed(workspace: Workspace, root: Path) -> None:
    """Created, changed, renamed and deleted files show in the index."""
    started(workspace, root)
    path = write(root / "new" / "a.py", "def first(): ...\n")
    assert becomes(workspace, lambda: where(workspace, "first") == [path])
    path.write_text("def second(): ...\n# longer\n", encoding="utf-8")
    assert becomes(workspace, lambda: where(workspace, "second") == [path])
    assert where(workspace, "first") == []
    moved = path.rename(root / "b.py")
    assert becomes(workspace, lambda: where(workspace, "second") == [moved])
    moved.unlink()
    assert becomes(workspace, lambda: where(workspace, "second") == [])


def test_a_renamed_folder_takes_its_files_along(workspace: Workspace, root: Path) -> None:
    """Renaming a folder moves everything known below it, and changes there are still noticed."""
    for number in range(3):
        write(root / "old" / "deep" / f"f{number}.py", f"def name{number}(): ...\n")
    started(workspace, root)
    (root / "old").rename(root / "new")
    expected = root / "new" / "deep" / "f1.py"
    assert becomes(workspace, lambda: where(workspace, "name1") == [expected])
    write(expected, "def changed(): ...\n")
    assert becomes(workspace, lambda: where(workspace, "changed") == [expected])
    shutil.rmtree(root / "new")
    assert becomes(workspace, lambda: len(workspace.index) == 0)


def test_a_folder_that_becomes_a_file_is_forgotten(workspace: Workspace, root: Path) -> None:
    """A file in the place of a folder leaves nothing of what lay in the folder."""
    write(root / "thing.py" / "a.py", "def inside(): ...\n")
    started(workspace, root)
    (root / "thing.py").rename(root.parent / "elsewhere")
    path = write(root / "thing.py", "def file(): ...\n")
    assert becomes(workspace, lambda: where(workspace, "file") == [path])
    assert where(workspace, "inside") == []


def test_thousands_of_events_are_taken_together(workspace: Workspace, root: Path) -> None:
    """After a storm of changes the index is exactly what lies on disk."""
    started(workspace, root)
    count = MOST_PATHS + 100
    for number in range(count):
        (root / f"f{number}.py").write_text(f"def f{number}(): ...\n", encoding="utf-8")
    assert becomes(workspace, lambda: len(workspace.index) == count)
    for number in range(0, count, 2):
        (root / f"f{number}.py").unlink()
    assert becomes(workspace, lambda: len(workspace.index) == count // 2)
    assert where(workspace, "f1") == [root / "f1.py"]
    assert where(workspace, "f2") == []


def test_changed_ignore_files_count_at_once(workspace: Workspace, root: Path) -> None:
    """Ignoring a folder drops its files, taking that back brings them again."""
    path = write(root / "part" / "a.py", "def f(): ...\n")
    started(workspace, root)
    ignore = write(root / ".remaskignore", "part/\n")
    assert becomes(workspace, lambda: where(workspace, "f") == [])
    assert workspace.excluded(path) is Silence.IGNORED_FILE
    ignore.unlink()
    assert becomes(workspace, lambda: where(workspace, "f") == [path])
    assert workspace.excluded(path) is None


def test_gits_own_exclude_file_is_watched(workspace: Workspace, root: Path) -> None:
    """`.git` is not looked into, but its exclude file counts when it changes."""
    path = write(root / "a.py", "def f(): ...\n")
    exclude = write(root / ".git" / "info" / "exclude", "")
    started(workspace, root)
    assert where(workspace, "f") == [path]
    exclude.write_text("a.py\n", encoding="utf-8")
    assert becomes(workspace, lambda: where(workspace, "f") == [])


def test_unsaved_text_goes_before_the_disk(workspace: Workspace, root: Path) -> None:
    """An open document's text counts, changes on disk do not, until it is closed."""
    path = write(root / "a.py", "def saved(): ...\n")
    started(workspace, root)
    workspace.overlay(opened(path, "def unsaved(): ...\n"))
    assert becomes(workspace, lambda: where(workspace, "unsaved") == [path])
    assert where(workspace, "saved") == []
    path.write_text("def outside(): ...\n", encoding="utf-8")
    other = write(root / "b.py", "def later(): ...\n")
    assert becomes(workspace, lambda: where(workspace, "later") == [other])
    assert where(workspace, "unsaved") == [path]
    workspace.forget(path)
    assert becomes(workspace, lambda: where(workspace, "outside") == [path])
    assert where(workspace, "unsaved") == []


def test_a_document_that_was_never_saved_is_forgotten_when_closed(workspace: Workspace, root: Path) -> None:
    """Without a file on disk nothing remains of a closed document."""
    started(workspace, root)
    path = root / "new.py"
    workspace.overlay(opened(path, "def new(): ...\n"))
    assert becomes(workspace, lambda: where(workspace, "new") == [path])
    workspace.forget(path)
    assert becomes(workspace, lambda: where(workspace, "new") == [])


@pytest.mark.parametrize("name", [".env.py", "secrets.py", "gen/a.py"])
def test_open_documents_that_are_excluded_stay_out(workspace: Workspace, root: Path, name: str) -> None:
    """Opening a private or ignored file does not put it into the index."""
    write(root / ".gitignore", "gen/\n")
    started(workspace, root)
    workspace.overlay(opened(root / name, "def hidden(): ...\n"))
    assert workspace.wait_idle(PATIENCE_S)
    assert where(workspace, "hidden") == []


@pytest.mark.parametrize("text", ["", "x" * 5_000_000, "a\0b", "def f(): ...\r\n👩‍👩‍👧"])
def test_any_document_may_be_open(workspace: Workspace, root: Path, text: str) -> None:
    """Empty, huge and binary documents are taken in stride; the index goes on working."""
    started(workspace, root)
    workspace.overlay(opened(root / "odd.py", text))
    path = root / "good.py"
    workspace.overlay(opened(path, "def good(): ...\n"))
    assert becomes(workspace, lambda: where(workspace, "good") == [path])


def test_removed_roots_are_forgotten(workspace: Workspace, root: Path, tmp_path: Path) -> None:
    """Files that lie in no root any more are dropped, open documents excepted."""
    write(root / "a.py", "def gone(): ...\n")
    kept = write(tmp_path.resolve() / "other" / "b.py", "def kept(): ...\n")
    alone = root / "open.py"
    started(workspace, root, kept.parent)
    workspace.overlay(opened(alone, "def shown(): ...\n"))
    workspace.set_roots([kept.parent])
    assert becomes(workspace, lambda: where(workspace, "gone") == [])
    assert where(workspace, "kept") == [kept]
    assert where(workspace, "shown") == [alone]
    workspace.set_roots([])
    assert becomes(workspace, lambda: where(workspace, "kept") == [])


def test_a_deleted_root_is_survived_and_found_again(root: Path) -> None:
    """A root may vanish and come back as another folder; both are noticed."""
    workspace = Workspace(settle_s=0.005, look_again_s=0.05)
    write(root / "a.py", "def before(): ...\n")
    started(workspace, root)
    shutil.rmtree(root)
    assert becomes(workspace, lambda: len(workspace.index) == 0)
    path = write(root / "b.py", "def after(): ...\n")
    assert becomes(workspace, lambda: where(workspace, "after") == [path])
    workspace.close()


def test_a_root_that_does_not_exist_is_no_error(workspace: Workspace, root: Path) -> None:
    """A missing root is empty; the other one works."""
    path = write(root / "a.py", "def f(): ...\n")
    started(workspace, root / "missing", root)
    assert where(workspace, "f") == [path]


def test_changes_are_found_without_a_watch(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system's limit of watches is reached, looking again finds what changed."""
    monkeypatch.setattr("lsp_server.context.watch._too_wide", lambda _: True)
    workspace = Workspace(settle_s=0.005, look_again_s=0.05)
    started(workspace, root)
    path = write(root / "a.py", "def f(): ...\n")
    assert becomes(workspace, lambda: where(workspace, "f") == [path])
    workspace.close()


def test_what_changes_before_the_watch_begins_is_found(
    workspace: Workspace, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file written between the first scan and the watch is not missed."""
    begin = Watcher.set_roots

    def late(watcher: Watcher, roots: tuple[Path, ...]) -> bool:
        write(root / "late.py", "def late(): ...\n")
        return begin(watcher, roots)

    monkeypatch.setattr(Watcher, "set_roots", late)
    started(workspace, root)
    assert where(workspace, "late") == [root / "late.py"]


def test_a_watch_that_fails_is_no_error(
    workspace: Workspace, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running out of watches leaves the index as the scan made it."""

    class Full:
        def start(self) -> None:
            raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr("lsp_server.context.watch.Observer", Full)
    path = write(root / "a.py", "def f(): ...\n")
    started(workspace, root)
    assert where(workspace, "f") == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_link_loops_are_not_followed(workspace: Workspace, root: Path) -> None:
    """A link to a parent folder neither hangs the scan nor doubles its files."""
    path = write(root / "sub" / "a.py", "def f(): ...\n")
    (root / "sub" / "loop").symlink_to(root, target_is_directory=True)
    started(workspace, root)
    assert where(workspace, "f") == [path]


def test_unchanged_files_are_not_read_again(
    workspace: Workspace, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rescan parses only what has another size or time."""
    parsed: list[str] = []
    index_text = refresh.index_text

    def counted(path: Path, *rest: object) -> object:
        parsed.append(path.name)
        return index_text(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(refresh, "index_text", counted)
    write(root / "a.py", "def a(): ...\n")
    started(workspace, root)
    write(root / "b.py", "def b(): ...\n")
    started(workspace, root)
    assert parsed.count("a.py") == 1
    assert "b.py" in parsed


def test_closing_twice_and_using_after_is_harmless(root: Path) -> None:
    """A closed workspace answers from what it knew and starts nothing."""
    workspace = Workspace(settle_s=0.005)
    path = write(root / "a.py", "def f(): ...\n")
    started(workspace, root)
    workspace.close()
    workspace.close()
    workspace.overlay(opened(path, "def g(): ...\n"))
    assert workspace.wait_idle(0)
    assert where(workspace, "f") == [path]
    assert workspace._thread is None


def test_no_path_is_not_excluded(workspace: Workspace) -> None:
    """A document without a file is judged by nothing."""
    assert workspace.excluded(None) is None
