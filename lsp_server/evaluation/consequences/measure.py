"""Giving parameters back: the arguments that calls get, in several ways of showing them to the model."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lsp_server.context.gather import Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.edits import apply_together
from lsp_server.core.settings import RewriteSettings, Settings
from lsp_server.core.types import Document
from lsp_server.evaluation.consequences.plant import Planted, planted
from lsp_server.evaluation.heldout import documents_of
from lsp_server.service.across.files import UNOPENED
from lsp_server.service.consequences.follow import Follower
from lsp_server.service.consequences.write import Sees
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.change import History
from lsp_server.service.status import StatusBoard
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.signatures import LANGUAGES
from lsp_server.syntax.uses import calls

WAYS: tuple[Sees, ...] = ("nothing", "definition", "all")
INDEX_S = 60.0
SETTINGS = Settings(rewrite=RewriteSettings(budget_ms=600_000))


class Trial(msgspec.Struct, frozen=True):
    """One change in one way: of its `calls` so many are as they were, and so many were left alone."""

    package: str
    change: str
    way: str
    calls: int
    exact: int
    left: int
    seconds: float


@dataclass(slots=True)
class _Project:
    """A package in a folder, and who follows changes there."""

    follower: Follower
    documents: Documents
    workspace: Workspace


def packages(path: Path, wanted: frozenset[str]) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """The documents of languages whose headers are understood, by package."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for document in documents_of(path):
        if document["language"] in LANGUAGES and (not wanted or document["package"] in wanted):
            found.setdefault(document["package"], []).append(document)
    return found


def trials(
    engine: Engine, package: str, documents: Sequence[Mapping[str, str]], *, most: int, seed: int
) -> Iterator[Trial]:
    """Every change of a package in every way."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for each in documents:
            _write(root / each["path"], each["text"].replace("\r\n", "\n"))
        for made in asyncio.run(_plants(engine, root, most, seed)):
            for path, text in made.before.items():
                _write(Path(path), text)
            for way in WAYS:
                yield asyncio.run(_trial(engine, root, made, way, package))
            for path, text in made.after.items():
                _write(Path(path), text)


async def _plants(engine: Engine, root: Path, most: int, seed: int) -> list[Planted]:
    project = _project(engine, root, "all")
    try:
        found = []
        for path in sorted(project.workspace.index.paths()):
            language = language_for("", path)
            text = path.read_text(encoding="utf-8")
            document = Document(path.as_uri(), language.id, text, path, revision=UNOPENED)
            found.append((document, parse(text, language)))
        return await planted(project.follower, found, seed, most)
    finally:
        project.workspace.close()


async def _trial(engine: Engine, root: Path, made: Planted, way: Sees, package: str) -> Trial:
    project = _project(engine, root, way)
    try:
        path, text = Path(made.path), made.before[made.path]
        opened = project.documents.open(
            Document(path.as_uri(), language_for("", path).id, text, path, version=1)
        )
        document = project.documents.change(opened.key, [made.edit], 2)
        project.workspace.overlay(document)
        project.workspace.wait_idle(INDEX_S)
        changed = project.follower.typed(document, made.edit.span.start)
        started = time.perf_counter()
        together = await project.follower.follow(changed) if changed is not None else None
        seconds = time.perf_counter() - started
    finally:
        project.workspace.close()
    done = {**made.before, made.path: document.text}
    for each in together.edited if together else ():
        done[str(each.document.path)] = apply_together(each.document.text, each.edits)
    exact = sum(_alike(made, path, text) for path, text in done.items())
    left = len(together.left) if together else made.calls
    shown = f"{path.name}: {made.name}({made.parameter})"
    return Trial(package, shown, way, made.calls, exact, left, round(seconds, 2))


def _alike(made: Planted, path: str, text: str) -> int:
    """How many calls that had to change are as they were."""
    language = language_for("", Path(path))
    sides = [made.before[path], text, made.after[path]]
    found = [
        [
            "".join(side[call.span.start : call.span.end].split())
            for call in calls(parse(side, language), made.name)
        ]
        for side in sides
    ]
    if len({len(each) for each in found}) != 1:
        return 0
    return sum(before != after == now for before, now, after in zip(*found, strict=True))


def _project(engine: Engine, root: Path, sees: Sees) -> _Project:
    documents, history, workspace = Documents(), History(), Workspace()
    documents.subscribe(history.changed)
    workspace.set_roots([root])
    workspace.wait_idle(INDEX_S)
    follower = Follower(
        documents=documents,
        workspace=workspace,
        gate=Gate(workspace.excluded),
        gatherer=Gatherer(workspace, RecentEdits()),
        engine=engine,
        board=StatusBoard(),
        history=history,
        settings_for=lambda _: SETTINGS,
        sees=sees,
    )
    return _Project(follower, documents, workspace)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
