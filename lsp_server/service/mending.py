"""What is tried on a fill that breaks the syntax, or names what nothing defines, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.types import Span
from lsp_server.engine.protocol import Decode, Excluded, HoleFill
from lsp_server.service.doubt.find import place_in_fill

DIFFUSION = frozenset({Decode.CONFIDENCE, Decode.ENTROPY})
"""Decodes that write without the base."""
MOST_EXTRA = 0.5
"""Mending takes at most this share of the time that filling takes, once what was saved up is used."""
MOST_SAVED = 5.0
"""Seconds of mending that are saved up, also at the start: fills break in a row where code is unusual."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try: the whole fill anew by `decode`; to `remask`, what the base wrote, from its least sure token."""

    decode: Decode
    remask: bool = False


def attempts(decode: Decode) -> tuple[Attempt, ...]:
    """What to try, in order, after a broken fill by `decode`.

    First the other kind: the base writes from left to right and sees what stands behind
    the hole only as a prompt, the denoiser was trained to fit between both sides; what one
    breaks the other often does not. Then the least sure token of what the base wrote is remasked and
    excluded. Denoising only the tokens below the syntax errors, between the others, mends next to
    nothing: what is wrong stands before them (docs/LOG.md).
    """
    return Attempt(next_decodes(decode)[0]), Attempt(Decode.VERIFIED, remask=True)


def next_decodes(decode: Decode) -> tuple[Decode, ...]:
    """The decodes to try, in order, after a broken rewrite by `decode`. Each avoids all that was rejected."""
    return (Decode.VERIFIED if decode in DIFFUSION else Decode.CONFIDENCE), decode


def least_sure(fill: HoleFill, text: str, within: Span, *, head: int = 0) -> Excluded | None:
    """The token to remask: the least sure one that touches `within`, in offsets of `text`.

    `text` was made of the fill less its first `head` characters. What starts where it does starts with the
    fill, white space included. None if nothing of that is the model's own.
    """
    span = place_in_fill(fill.pieces, text, within, head=head)
    if span is None:
        return None
    start = head if within.start == 0 else span.start
    found: list[tuple[float, Excluded]] = []
    at = 0
    for piece in fill.pieces:
        if not piece.locked and at < span.end and at + len(piece.text) > start:
            found.append((piece.confidence, Excluded(at, piece.text)))
        at += len(piece.text)
    return min(found, key=lambda each: each[0])[1] if found else None


def reach(faults: Sequence[Span], text: str) -> Span:
    """The part of a broken text that is to blame: all up to the last error in it, all of it without one."""
    inside = [min(fault.end, len(text)) for fault in faults if fault.start < len(text)]
    return Span(0, max(inside, default=len(text)) or len(text))


@dataclass(slots=True)
class Allowance:
    """Seconds that mending may take."""

    left: float = MOST_SAVED

    def filled(self, seconds: float) -> None:
        """A fill took so long."""
        self.left = min(MOST_SAVED, self.left + MOST_EXTRA * seconds)

    def mended(self, seconds: float) -> None:
        """A try to mend took so long."""
        self.left -= seconds
