"""Giving parameters back: the arguments that calls get, in several ways of showing them to the model."""

from __future__ import annotations

import ast
import asyncio
import inspect
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lsp_server.core.errors import EngineUnavailable
from lsp_server.core.types import Document, Span
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult
from lsp_server.evaluation.consequences.binding import bound, functions, signature
from lsp_server.evaluation.consequences.plant import Planted, planted
from lsp_server.evaluation.consequences.project import INDEX_S, Project, applied, changes, write, write_all
from lsp_server.evaluation.consequences.site import Site, outcome
from lsp_server.evaluation.consequences.sure import sure_sites
from lsp_server.service.across.edited import Together
from lsp_server.service.consequences.write import Sees
from lsp_server.service.engine import Engine, OnFrame
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.uses import Call, calls

WAYS: tuple[Sees, ...] = ("nothing", "definition", "all")
GIVEN_BACK = "added"


class NoEngine:
    """An engine that cannot answer."""

    status = EngineStatus("stopped", "")

    async def fill(
        self, request: FillRequest, on_frame: OnFrame | None = None, *, wait: bool = False
    ) -> FillResult:
        """See `Engine`."""
        del request, on_frame, wait
        raise EngineUnavailable("no model is asked here")


def by_syntax(package: str, documents: Sequence[Mapping[str, str]], *, most: int, seed: int) -> list[Site]:
    """The calls of `most` changes of every kind that needs no model."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write_all(root, documents)
        project = Project(NoEngine(), root)
        try:
            return list(sure_sites(project, package, most=most, seed=seed))
        finally:
            project.close()


def by_model(
    engine: Engine,
    package: str,
    documents: Sequence[Mapping[str, str]],
    *,
    most: int,
    seed: int,
    ways: Sequence[Sees] = WAYS,
) -> Iterator[Site]:
    """The calls of `most` parameters that were taken away, given back in every way."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write_all(root, documents)
        for made in asyncio.run(plants(engine, root, most, seed)):
            for path, text in made.before.items():
                write(Path(path), text)
            for way in ways:
                yield from asyncio.run(_given_back(engine, root, made, way, package))
            for path, text in made.after.items():
                write(Path(path), text)


async def plants(engine: Engine, root: Path, most: int, seed: int) -> list[Planted]:
    """At most `most` parameters of a package that can be taken away."""
    project = Project(engine, root)
    try:
        found = []
        for path in sorted(project.workspace.index.paths()):
            document = project.document(path, path.read_text(encoding="utf-8"))
            found.append((document, parse(document.text, language_for("", path))))
        return await planted(project.follower, found, seed, most)
    finally:
        project.close()


async def _given_back(engine: Engine, root: Path, made: Planted, way: Sees, package: str) -> list[Site]:
    project = Project(engine, root, way)
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
        seconds = round(time.perf_counter() - started, 2)
    finally:
        project.close()
    asked = {**made.before, made.path: document.text}
    done = applied(asked, together)
    change = f"{path.name}: {made.name}({made.parameter})"
    return [
        Site(package, GIVEN_BACK, way, change, *rest, seconds=seconds)
        for each in sorted(asked)
        for rest in compared(made, each, asked[each], done[each], together)
    ]


def compared(
    made: Planted, path: str, asked: str, done: str, together: Together | None
) -> Iterator[tuple[str, str, str, str, str, bool, float, str]]:
    """The calls in a file that lack something, from `place` of a `Site` on."""
    language = language_for("", Path(path))
    sides = [parse(text, language) for text in (asked, made.after[path], done)]
    found = [calls(each, made.name) for each in sides]
    if len(found[0]) != len(found[1]):
        return
    if len(found[2]) != len(found[0]):
        found[2], sides[2] = found[0], sides[0]  # what was written calls it too
    for before, wanted, now in zip(*found, strict=True):
        was, right, got = (_written(*each) for each in zip(sides, (before, wanted, now), strict=True))
        if was == right:
            continue
        why, sure = _told(together, path, before.span), _confidence(together, path, before.span)
        how = outcome(right=_alike(made, right, got), same=got == was and not sure, told=bool(why))
        place = f"{Path(path).name}:{asked.count(chr(10), 0, before.span.start) + 1}"
        yield place, was, right, got, how, False, sure, why


def _written(parsed: Parsed, call: Call) -> str:
    return " ".join(parsed.text[call.span.start : call.span.end].split())


def _alike(made: Planted, right: str, got: str) -> bool:
    """Whether two calls give the same, by place or by name."""
    if "".join(right.split()) == "".join(got.split()):
        return True
    if not made.path.endswith(".py"):
        return False
    try:
        both = [ast.parse(f"f{text}", mode="eval").body for text in (right, got)]
    except SyntaxError:
        return False
    of = _header(made)
    given = [bound(each, of) for each in both if of is not None and isinstance(each, ast.Call)]
    return len(given) == 2 and given[0] is not None and given[0] == given[1]


def _header(made: Planted) -> inspect.Signature | None:
    for each, holder in functions(ast.parse(made.after[made.path])):
        found = signature(each, holder) if made.name in {each.name, holder} else None
        if found is not None and made.parameter in found.parameters:
            return found
    return None


def _confidence(together: Together | None, path: str, span: Span) -> float:
    found = [
        change.confidence
        for change in changes(together).get(path, ())
        if span.start <= change.edit.span.start <= span.end
    ]
    return round(min(found, default=0.0), 4)


def _told(together: Together | None, path: str, span: Span) -> str:
    for each in together.left if together else ():
        if str(each.document.path) == path and each.span.start <= span.end and span.start <= each.span.end:
            return each.why
    return ""
