"""What strength does: how much of held-out functions changes, and whether they parse and locks hold."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import msgspec

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import RemaskError
from lsp_server.core.types import Edit
from lsp_server.engine.protocol import Decode, FillRequest, Hole, Sampling
from lsp_server.evaluation.rewriting.pieces import Piece, pieces
from lsp_server.evaluation.rewriting.run import rewritten
from lsp_server.service.engine import Engine
from lsp_server.service.wish import Wish
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.locks import Lock, locked_spans
from lsp_server.syntax.parse import parse

STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
LOCKED_AT = (0.5, 1.0)
WORDS = "Check the arguments."
UNITS, SAID, RAW = "units", "in words", "tokens, raw"
BEHIND, AROUND = 400, 1400
"""Characters of the document that the raw model sees behind and before a function, as in a window."""


class Trial(msgspec.Struct, frozen=True):
    """One function rewritten at one strength: `distance` is the share of its characters that changed.

    `kept` of `locked` places are what and where they were, counted from the text that came back.
    Where there is no offer, `refused` says why, and nothing changed.
    """

    language: str
    name: str
    strength: float
    way: str
    lock: str
    distance: float = 0.0
    parses: bool = True
    refused: str = ""
    locked: int = 0
    kept: int = 0
    passes: float = 0.0
    seconds: float = 0.0


def trials(engine: Engine, path: Path, languages: Sequence[str], *, each: int, seed: int) -> Iterator[Trial]:
    """Every function at every strength as an editor gets it, in words and without, and with locks.

    Beside it what the denoiser alone makes of its least likely tokens, chosen by no syntax and checked by
    nothing. Languages take turns, so that a run that is stopped has seen all.

    Raises:
        BadInput: there are no documents.
    """
    every = [pieces(path, language, most=each, seed=seed) for language in languages]
    for piece in (piece for together in zip_longest(*every) for piece in together if piece is not None):
        for strength in STRENGTHS:
            yield _offered(engine, piece, UNITS, Wish(strength=strength))
            yield _offered(engine, piece, SAID, Wish(WORDS, strength=strength))
            yield _raw(engine, piece, strength)
        for lock in Lock:
            for strength in LOCKED_AT:
                yield _offered(engine, piece, UNITS, Wish(strength=strength, lock=frozenset({lock})))


def _offered(engine: Engine, piece: Piece, way: str, wish: Wish) -> Trial:
    span, text = piece.span, piece.document.text
    parsed = parse(text, language_for(piece.document.language))
    locks = locked_spans(parsed, span, wish.lock)
    started = time.perf_counter()
    edits: tuple[Edit, ...] = ()
    try:
        answer = rewritten(engine, piece.document, span, wish)
        edits, refused = answer.edits, answer.silence.value if answer.silence else ""
        passes = answer.figures.forwards
    except RemaskError as error:
        refused, passes = str(error).partition("\n")[0], 0.0
    seconds = time.perf_counter() - started
    after = apply_together(text, edits)
    now = after[span.start : span.end + len(after) - len(text)]
    return Trial(
        language=piece.document.language,
        name=piece.name,
        strength=wish.strength or 0.0,
        way=way,
        lock="".join(wish.lock),
        distance=_distance(piece.text, now),
        parses=not check_edits(parsed, edits).worse,
        refused=refused,
        locked=len(locks),
        kept=_kept([text[each.start : each.end] for each in locks], now),
        passes=passes,
        seconds=seconds,
    )


def _raw(engine: Engine, piece: Piece, strength: float) -> Trial:
    span, text = piece.span, piece.document.text
    start, end = max(0, span.start - AROUND), min(len(text), span.end + BEHIND)
    hole = Hole(span.start - start, span.end - start, strength=strength, in_place=True)
    language = piece.document.language
    request = FillRequest(text[start:end], (hole,), language=language, sampling=Sampling(Decode.CONFIDENCE))
    started = time.perf_counter()
    result = asyncio.run(engine.fill(request))
    fill = result.candidates[0].fills[0]
    return Trial(
        language=language,
        name=piece.name,
        strength=strength,
        way=RAW,
        lock="",
        distance=_distance(piece.text, fill.text),
        parses=not check_edits(parse(text, language_for(language)), [Edit(span, fill.text)]).worse,
        passes=result.figures.forwards,
        seconds=time.perf_counter() - started,
    )


def _kept(locked: Sequence[str], text: str) -> int:
    """How many stand in `text` in their order."""
    at = found = 0
    for each in locked:
        place = text.find(each, at)
        if place >= 0:
            at, found = place + len(each), found + 1
    return found


def _distance(one: str, other: str) -> float:
    """The share of the characters of both that do not match."""
    return 1 - SequenceMatcher(None, one, other, autojunk=False).ratio()


def table(found: Sequence[Trial]) -> str:
    """Edit distance and parse rate over strength, and how much of what was locked stayed."""
    rows = [
        "| way | strength | functions | with a change | changed | parses | passes | s |",
        f"|{' --- |' * 8}",
    ]
    for way in (UNITS, SAID, RAW):
        for strength in STRENGTHS:
            own = [each for each in found if (each.way, each.strength, each.lock) == (way, strength, "")]
            if own:
                rows.append(f"| {way} | {strength} | {_row(own)} |")
    rows += [
        "",
        "| locked | strength | functions | with a change | changed | parses | passes | s | places | kept |",
        f"|{' --- |' * 10}",
    ]
    for lock in Lock:
        for strength in LOCKED_AT:
            own = [each for each in found if (each.lock, each.strength) == (lock.value, strength)]
            if own:
                places, kept = sum(each.locked for each in own), sum(each.kept for each in own)
                rows.append(f"| {lock.value} | {strength} | {_row(own)} | {places} | {kept} |")
    return "\n".join(rows)


def _row(own: Sequence[Trial]) -> str:
    """Means over all functions; of what changed, over those with a change."""
    offered = [each for each in own if each.distance]
    some = len(offered) or 1
    changed = sum(each.distance for each in offered) / some
    parses = sum(each.parses for each in offered) / some
    passes = sum(each.passes for each in own) / len(own)
    seconds = statistics.median(each.seconds for each in own)
    return f"{len(own)} | {len(offered)} | {changed:.3f} | {parses:.2f} | {passes:.1f} | {seconds:.2f}"
