"""A package in a folder, and who follows changes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lsp_server.context.gather import Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.edits import apply_together
from lsp_server.core.settings import RewriteSettings, Settings
from lsp_server.core.types import Document
from lsp_server.evaluation.heldout import documents_of
from lsp_server.service.across.edited import Change, Together
from lsp_server.service.across.files import UNOPENED
from lsp_server.service.consequences.follow import Follower
from lsp_server.service.consequences.write import Sees
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.change import History
from lsp_server.service.status import StatusBoard
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.signatures import LANGUAGES

INDEX_S = 60.0
SETTINGS = Settings(rewrite=RewriteSettings(budget_ms=600_000))


class Project:
    """The files below `root`, none of them open."""

    def __init__(self, engine: Engine, root: Path, sees: Sees = "all") -> None:
        self.root = root
        self.documents, self.workspace = Documents(), Workspace()
        history = History()
        self.documents.subscribe(history.changed)
        self.workspace.set_roots([root])
        self.workspace.wait_idle(INDEX_S)
        self.follower = Follower(
            documents=self.documents,
            workspace=self.workspace,
            gate=Gate(self.workspace.excluded),
            gatherer=Gatherer(self.workspace, RecentEdits()),
            engine=engine,
            board=StatusBoard(),
            history=history,
            settings_for=lambda _: SETTINGS,
            sees=sees,
        )

    def document(self, path: Path, text: str) -> Document:
        """A file as it is on disk, not open."""
        return Document(path.as_uri(), language_for("", path).id, text, path, revision=UNOPENED)

    def close(self) -> None:
        """Let the index go."""
        self.workspace.close()


def packages(path: Path, wanted: frozenset[str]) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """The documents of languages whose headers are understood, by package."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for document in documents_of(path):
        if document["language"] in LANGUAGES and (not wanted or document["package"] in wanted):
            found.setdefault(document["package"], []).append(document)
    return found


def write_all(root: Path, documents: Sequence[Mapping[str, str]]) -> None:
    """Put a package's documents below `root`."""
    for each in documents:
        write(root / each["path"], each["text"].replace("\r\n", "\n"))


def write(path: Path, text: str) -> None:
    """Put a text into a file, whose folder may be lacking."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def changes(together: Together | None) -> dict[str, list[Change]]:
    """All edits by path, in order, with those that were proposed only."""
    found: dict[str, list[Change]] = {}
    for each in together.edited if together else ():
        found.setdefault(str(each.document.path), []).extend(each.changes)
    for left in together.left if together else ():
        if left.proposed is not None:
            found.setdefault(str(left.document.path), []).append(left.proposed)
    return {path: sorted(each, key=lambda change: change.edit.span) for path, each in found.items()}


def applied(texts: Mapping[str, str], together: Together | None) -> dict[str, str]:
    """The texts, by path, with all edits, those that were proposed only too."""
    done = dict(texts)
    for path, found in changes(together).items():
        done[path] = apply_together(texts[path], [each.edit for each in found])
    return done
