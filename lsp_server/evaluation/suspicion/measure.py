"""Bugs planted in held-out code, each looked for in the part of its document that it stands in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

import msgspec

from lsp_server.core.cancel import CancelToken
from lsp_server.core.text import line_end, line_start, plain_newlines
from lsp_server.core.types import Document, Span
from lsp_server.engine.runtime.filler import Filler
from lsp_server.evaluation.heldout import documents_of
from lsp_server.evaluation.suspicion.plant import KINDS, planted
from lsp_server.service.suspicion.ask import Page, Part, request_for
from lsp_server.service.suspicion.flag import THRESHOLDS, flags_of
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.sites import LANGUAGES

LARGEST = 150_000
LOWEST = dict.fromkeys(THRESHOLDS, 0.0)
"""All that gain anything are kept, so that other thresholds can be tried later."""


class Seen(msgspec.Struct, frozen=True):
    """A place that gained: `where` is "bug" on it, "line" elsewhere on its lines, and "clean" elsewhere."""

    kind: str
    gain: float
    where: str
    right: bool = False
    """Whether the alternative is what stood there before."""


class Trial(msgspec.Struct, frozen=True):
    """One bug, and what was seen in the part of its document that it stands in."""

    language: str
    place: str
    bug: str
    lines: int
    seconds: float
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to try: documents of these packages (all, if none are named), so many of each kind of bug."""

    path: Path
    packages: frozenset[str] = frozenset()
    each: int = 20
    seed: int = 0


def trials(plan: Plan, filler: Filler, clock: Callable[[], float] = time.perf_counter) -> Iterator[Trial]:
    """One after another; kinds of bugs and languages take turns, and no document has two of a kind.

    Raises:
        BadInput: there are no documents.
    """
    by_language: dict[str, list[dict[str, str]]] = {}
    for document in documents_of(plan.path):
        wanted = not plan.packages or document["package"] in plan.packages
        if wanted and document["language"] in LANGUAGES and len(document["text"]) <= LARGEST:
            by_language.setdefault(document["language"], []).append(document)
    every = [_of_kind(kind, by_language, plan, filler, clock) for kind in KINDS]
    for together in islice(zip_longest(*every), plan.each):
        yield from (trial for trial in together if trial is not None)


def _of_kind(
    kind: str,
    by_language: dict[str, list[dict[str, str]]],
    plan: Plan,
    filler: Filler,
    clock: Callable[[], float],
) -> Iterator[Trial]:
    """Bugs of one kind, as many as there are documents that have room for one; languages take turns."""
    rng = random.Random(f"{plan.seed} {kind}")  # noqa: S311 -- a sample, not a secret
    queues = [_shuffled(by_language[language], rng) for language in sorted(by_language)]
    while queues := [queue for queue in queues if queue]:
        for queue in queues:
            trial = _trial(queue.pop(), kind, rng, filler, clock)
            if trial is not None:
                yield trial


def _shuffled(documents: Sequence[dict[str, str]], rng: random.Random) -> list[dict[str, str]]:
    order = sorted(documents, key=lambda each: (each["package"], each["path"]))
    rng.shuffle(order)
    return order


def _trial(
    source: dict[str, str], kind: str, rng: random.Random, filler: Filler, clock: Callable[[], float]
) -> Trial | None:
    text, language = plain_newlines(source["text"]), language_for(source["language"])
    bug = planted(parse(text, language), kind, rng)
    if bug is None:
        return None
    document = Document(source["path"], source["language"], bug.text, Path(source["path"]))
    page = Page.of(document)
    part = next((each for each in page.parts() if each.span.contains(bug.span)), None)
    if part is None:
        return None
    started = clock()
    judged = filler.fill(request_for(document, page, part), cancel=CancelToken()).judged
    seconds = clock() - started
    lines = Span(line_start(bug.text, bug.span.start), line_end(bug.text, bug.span.end))
    seen = []
    for flag in flags_of(part.sites, judged, LOWEST):
        on_bug = flag.span.start < bug.span.end and bug.span.start < flag.span.end
        on_line = flag.span.start < lines.end and lines.start < flag.span.end
        where = "bug" if on_bug else "line" if on_line else "clean"
        right = on_bug and _mends(bug.text, flag.span, flag.alternative, text)
        seen.append(Seen(flag.kind.value, round(flag.gain, 3), where, right))
    place = f"{source['package']}/{source['path']}"
    return Trial(source["language"], place, kind, _lines_of(bug.text, part), seconds, tuple(seen))


def _mends(text: str, span: Span, alternative: str, before: str) -> bool:
    return text[: span.start] + alternative + text[span.end :] == before


def _lines_of(text: str, part: Part) -> int:
    return text.count("\n", part.span.start, part.span.end)
