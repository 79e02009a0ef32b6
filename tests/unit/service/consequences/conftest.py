from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lsp_server.context.workspace import Workspace
from lsp_server.core.diff import minimal_edits
from lsp_server.core.edits import apply_together
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, FillFigures, Silence
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult, FrameEvent, HoleFill, Piece, Stop
from lsp_server.service.across.edited import Together
from lsp_server.service.consequences.changed import Changed, by_name, by_signature
from lsp_server.service.consequences.follow import Follower
from lsp_server.service.documents import Documents
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.change import History
from lsp_server.service.status import StatusBoard
from tests.unit.service.conftest import WholeText

INDEX_S = 20.0


class Model:
    """Writes the first of `writes` whose key stands before the hole; texts are as likely as `likely` says."""

    def __init__(self) -> None:
        self.writes: dict[str, str | list[str]] = {}
        self.sure = 0.9
        self.likely: dict[str, float] = {}
        self.requests: list[FillRequest] = []
        self.status = EngineStatus("ready", "")
        self.error: Exception | None = None
        self.during: Callable[[], None] = lambda: None

    async def fill(
        self,
        request: FillRequest,
        on_frame: Callable[[FrameEvent], None] | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        self.requests.append(request)
        self.during()
        if self.error:
            raise self.error
        [hole] = request.holes
        if hole.strength == 1.0:
            before = request.text[: hole.start]
            said = next((text for key, text in self.writes.items() if before.endswith(key)), "")
            text = said if isinstance(said, str) else said[min(len(hole.avoid), len(said) - 1)]
            fill = HoleFill(text, Stop.END, (Piece(text, self.sure),))
        else:
            text = request.text[hole.start : hole.end]
            value = next((each for key, each in self.likely.items() if key in text), 0.5)
            fill = HoleFill(text, Stop.END, (Piece(text, value, locked=True),))
        return FillResult((Candidate((fill,), 0.9),), FillFigures(forwards=1), "stand-in")


@dataclass
class Project:
    """Files in a folder, some of them open, and a stand-in for the model."""

    root: Path
    model: Model = field(default_factory=Model)
    documents: Documents = field(default_factory=Documents)
    history: History = field(default_factory=History)
    workspace: Workspace = field(default_factory=Workspace)

    def __post_init__(self) -> None:
        self.documents.subscribe(self.history.changed)
        self.follower = Follower(
            documents=self.documents,
            workspace=self.workspace,
            gate=Gate(self.workspace.excluded),
            gatherer=WholeText(),  # type: ignore[arg-type]
            engine=self.model,
            board=StatusBoard(),
            history=self.history,
            settings_for=lambda _: Settings(),
        )

    def write(self, **files: str) -> None:
        """Write files, by default Python, and have them indexed."""
        for name, text in files.items():
            path = self.path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.workspace.set_roots([self.root])
        assert self.workspace.wait_idle(INDEX_S)

    def path(self, name: str) -> Path:
        return self.root / (name if "." in name else f"{name}.py")

    def open(self, name: str) -> Document:
        """Open a file as it is on disk."""
        path = self.path(name)
        language = {".py": "python", ".ts": "typescript", ".js": "javascript"}[path.suffix]
        document = Document(path.as_uri(), language, path.read_text(encoding="utf-8"), path, version=1)
        self.workspace.overlay(document)
        return self.documents.open(document)

    def edit(self, document: Document, before: str, after: str) -> Document:
        """Type `after` in place of `before`."""
        wanted = document.text.replace(before, after, 1)
        for edit in reversed(minimal_edits(document.text, wanted)):
            document = self.documents.change(document.key, [edit], (document.version or 0) + 1)
        return document

    def renamed(self, document: Document, at: str, name: str) -> Changed:
        return by_name(document, self.documents.parsed_for(document), document.text.index(at), name)

    def refitted(self, document: Document, at: str, signature: str) -> Changed:
        parsed = self.documents.parsed_for(document)
        return by_signature(document, parsed, document.text.index(at), signature)

    async def follow(self, changed: Changed) -> dict[str, str]:
        """The documents that change, by the names of their files, as they become."""
        return self.texts(await self.follower.follow(changed))

    def texts(self, together: Together) -> dict[str, str]:
        assert together.silence in {None, Silence.NOTHING_TO_CHANGE}
        found = {}
        for each in together.edited:
            assert each.document.path
            found[each.document.path.stem] = apply_together(each.document.text, each.edits)
        return found


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    held = Project(tmp_path.resolve())
    yield held
    held.workspace.close()
