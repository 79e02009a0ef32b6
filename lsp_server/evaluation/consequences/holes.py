"""Marked holes in place of the arguments that were taken away, in each document alone or in all together."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lsp_server.context.gather import Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.core.edits import apply_together
from lsp_server.core.types import Document, Edit
from lsp_server.evaluation.consequences.measure import compared, plants
from lsp_server.evaluation.consequences.plant import Planted
from lsp_server.evaluation.consequences.project import SETTINGS, Project, applied, write, write_all
from lsp_server.evaluation.consequences.site import Site
from lsp_server.service.across.edited import Together
from lsp_server.service.across.holes import HolesTogether
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine
from lsp_server.service.gate import Gate
from lsp_server.service.rewrite import Rewriter
from lsp_server.service.status import StatusBoard

MARKED = "marked holes"
ALONE, TOGETHER = "alone", "together"
HOLE = "___"


def by_holes(
    engine: Engine, package: str, documents: Sequence[Mapping[str, str]], *, most: int, seed: int
) -> Iterator[Site]:
    """The calls of `most` parameters, with a marked hole for the argument of each, in both ways."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write_all(root, documents)
        for made in asyncio.run(plants(engine, root, most, seed)):
            for path, text in made.before.items():
                write(Path(path), text)
            for way in (ALONE, TOGETHER):
                yield from asyncio.run(_filled(engine, root, made, way, package))
            for path, text in made.after.items():
                write(Path(path), text)


async def _filled(engine: Engine, root: Path, made: Planted, way: str, package: str) -> list[Site]:
    project = Project(engine, root)
    try:
        marked = [project.documents.open(each) for each in await _marked(project, made)]
        for each in marked:
            project.workspace.overlay(each)
        started = time.perf_counter()
        together = _holes(project, engine)
        groups = [marked] if way == TOGETHER else [[each] for each in marked]
        answers = [await together.fill(group) for group in groups]
        seconds = round(time.perf_counter() - started, 2)
    finally:
        project.close()
    answer = Together(
        tuple(edited for each in answers for edited in each.edited),
        tuple(left for each in answers for left in each.left),
    )
    asked = {str(each.path): each.text for each in marked}
    done = applied(asked, answer)
    change = f"{Path(made.path).name}: {made.name}({made.parameter})"
    return [
        Site(package, MARKED, way, change, *rest, seconds=seconds)
        for path in sorted(asked)
        for rest in compared(made, path, asked[path], done[path], answer)
    ]


async def _marked(project: Project, made: Planted) -> list[Document]:
    """The documents that call it, with marked holes; the function has its parameter."""
    path = Path(made.path)
    opened = project.documents.open(project.document(path, made.before[made.path]))
    document = project.documents.change(opened.key, [made.edit], 2)
    changed = project.follower.typed(document, made.edit.span.start)
    pages = await project.follower.sites_of(changed) if changed is not None else ()
    project.documents.close(opened.key)
    found = []
    for page in pages:
        edits = [
            Edit(each.span, "".join(part if isinstance(part, str) else HOLE for part in each.parts))
            for each in page.refits
        ]
        text = apply_together(page.document.text, edits)
        found.append(replace(page.document, text=text, version=1, revision=0))
    return found


def _holes(project: Project, engine: Engine) -> HolesTogether:
    def make(gatherer: Gatherer) -> Rewriter:
        return Rewriter(
            documents=Documents(),
            gate=Gate(project.workspace.excluded),
            gatherer=gatherer,
            engine=engine,
            board=StatusBoard(),
            settings_for=lambda _: SETTINGS,
        )

    gatherer = Gatherer(project.workspace, RecentEdits())
    return HolesTogether(
        documents=project.documents, gatherer=gatherer, make=make, named=project.follower.named
    )
