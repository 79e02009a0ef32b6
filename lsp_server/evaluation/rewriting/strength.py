"""What strength does: how much of held-out functions changes, and whether they parse and locks hold."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import msgspec

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import Edit, Span
from lsp_server.engine.protocol import Decode, FillRequest, Hole, Sampling
from lsp_server.engine.runtime.filler import Filler
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.evaluation.rewriting.pieces import Piece, pieces
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.locks import Lock, locked_spans
from lsp_server.syntax.parse import Parsed, parse

STRENGTHS = (0.1, 0.3, 0.5, 0.7, 1.0)
BEHIND = 400
"""Characters of the document that the model sees on both sides of a function, about what a window shows."""
AROUND = 1400
FIRST, ANY = "lowest first", "random"


class Trial(msgspec.Struct, frozen=True):
    """One function denoised at one strength: `distance` is the share of its characters that changed.

    `kept` of `locked` places are what and where they were, counted from the text that came back.
    """

    language: str
    name: str
    strength: float
    masks: str
    lock: str
    distance: float
    parses: bool
    locked: int = 0
    kept: int = 0
    passes: float = 0.0


def trials(
    filler: Filler, vocabulary: Vocabulary, path: Path, languages: Sequence[str], *, each: int, seed: int
) -> Iterator[Trial]:
    """Every function at every strength: its least likely tokens masked, as many drawn, and with locks.

    Languages take turns, so that a run that is stopped has seen all.

    Raises:
        BadInput: there are no documents.
    """
    every = [pieces(path, language, most=each, seed=seed) for language in languages]
    for piece in (piece for together in zip_longest(*every) for piece in together if piece is not None):
        parsed = parse(piece.document.text, language_for(piece.document.language))
        for strength in STRENGTHS:
            yield _trial(filler, piece, parsed, strength, FIRST, None)
            yield _trial(filler, piece, parsed, strength, ANY, None, _drawn(vocabulary, piece, strength))
        for lock in Lock:
            for strength in (0.5, 1.0):
                yield _trial(filler, piece, parsed, strength, FIRST, lock)


def _drawn(vocabulary: Vocabulary, piece: Piece, strength: float) -> tuple[Span, ...]:
    """All tokens but as many drawn ones as `strength` masks, as places in the document."""
    tokens = vocabulary.encode(piece.text)
    rng = random.Random(f"{piece.name} {strength}")  # noqa: S311 -- a sample, not a secret
    masked = set(rng.sample(range(len(tokens)), round(strength * len(tokens))))
    ends = [len(vocabulary.decode(tokens[: number + 1])) for number in range(len(tokens))]
    spans = [Span(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    kept = (span for number, span in enumerate(spans) if number not in masked and len(span))
    return tuple(span.shifted(piece.span.start) for span in kept)


def _trial(
    filler: Filler,
    piece: Piece,
    parsed: Parsed,
    strength: float,
    masks: str,
    lock: Lock | None,
    stay: tuple[Span, ...] = (),
) -> Trial:
    span, text = piece.span, piece.document.text
    locks = stay or (locked_spans(parsed, span, [lock]) if lock else ())
    start, end = max(0, span.start - AROUND), min(len(text), span.end + BEHIND)
    hole = Hole(
        span.start - start,
        span.end - start,
        locks=tuple(each.shifted(-start) for each in locks),
        strength=1.0 if stay else strength,
        in_place=True,
    )
    request = FillRequest(
        text[start:end], (hole,), language=piece.document.language, sampling=Sampling(Decode.CONFIDENCE)
    )
    result = filler.fill(request, cancel=CancelToken())
    fill = result.candidates[0].fills[0]
    kept = 0 if stay else _kept([text[each.start : each.end] for each in locks], fill.text)
    return Trial(
        language=piece.document.language,
        name=piece.name,
        strength=strength,
        masks=masks,
        lock=lock.value if lock else "",
        distance=_distance(piece.text, fill.text),
        parses=not check_edits(parsed, [Edit(span, fill.text)]).worse,
        locked=0 if stay else len(locks),
        kept=kept,
        passes=result.figures.forwards,
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
    rows = ["| strength | masks | functions | changed | parses | passes |", f"|{' --- |' * 6}"]
    for masks in (FIRST, ANY):
        for strength in STRENGTHS:
            own = [each for each in found if (each.masks, each.strength, each.lock) == (masks, strength, "")]
            if own:
                rows.append(f"| {strength} | {masks} | {_row(own)} |")
    rows += [
        "",
        "| locked | strength | functions | changed | parses | passes | places | kept |",
        f"|{' --- |' * 8}",
    ]
    for lock in Lock:
        for strength in (0.5, 1.0):
            own = [each for each in found if (each.lock, each.strength) == (lock.value, strength)]
            if own:
                places, kept = sum(each.locked for each in own), sum(each.kept for each in own)
                rows.append(f"| {lock.value} | {strength} | {_row(own)} | {places} | {kept} |")
    return "\n".join(rows)


def _row(own: Sequence[Trial]) -> str:
    count = len(own)
    changed = sum(each.distance for each in own) / count
    parses = sum(each.parses for each in own) / count
    return f"{count} | {changed:.3f} | {parses:.2f} | {sum(each.passes for each in own) / count:.1f}"
