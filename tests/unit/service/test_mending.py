"""What is remasked of a fill, and how long mending may take."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Span
from lsp_server.engine.protocol import Decode, Excluded, HoleFill, Piece, Stop
from lsp_server.service.mending import MOST_EXTRA, MOST_SAVED, Allowance, attempts, least_sure, reach

PIECES = (
    Piece("  x", 1.0, locked=True),
    Piece(" =", 0.9),
    Piece(" foo", 0.6),
    Piece("_bar", 0.4),
    Piece("(\n", 0.8),
    Piece("    ", 0.3),
    Piece("1)", 0.7),
)
FILL = HoleFill("".join(piece.text for piece in PIECES), Stop.END, PIECES)
SHOWN = FILL.text[3:]


@pytest.mark.parametrize(
    ("within", "token"),
    [
        (Span(0, len(SHOWN)), Excluded(15, "    ")),
        (Span(0, 6), Excluded(5, " foo")),
        (Span(3, 10), Excluded(9, "_bar")),
        (Span(3, 6), Excluded(5, " foo")),
        (Span(2, 3), None),
    ],
)
def test_the_least_sure_token_of_a_part(within: Span, token: Excluded | None) -> None:
    """Among those that touch it, white space in the middle included; None where there is only white space."""
    assert least_sure(FILL, SHOWN, within, head=3) == token


def test_what_was_typed_is_never_remasked() -> None:
    """Locked tokens are the user's."""
    assert least_sure(HoleFill("  x", Stop.END, PIECES[:1]), "  x", Span(0, 3)) is None
    assert least_sure(HoleFill("x", Stop.END), "x", Span(0, 1)) is None


@pytest.mark.parametrize(
    ("faults", "blamed"),
    [
        ([], Span(0, 9)),
        ([Span(2, 4), Span(3, 3)], Span(0, 4)),
        ([Span(7, 40)], Span(0, 9)),
        ([Span(20, 21)], Span(0, 9)),
        ([Span(0, 0)], Span(0, 9)),
    ],
)
def test_all_up_to_the_last_error_is_to_blame(faults: list[Span], blamed: Span) -> None:
    """What is wrong stands before an error; where none lies in the text, it may stand anywhere."""
    assert reach(faults, "a" * 9) == blamed


@pytest.mark.parametrize("decode", list(Decode))
def test_the_other_kind_of_decode_comes_first(decode: Decode) -> None:
    """Then what the base wrote is remasked."""
    first, second = attempts(decode)
    by_base = first.decode is Decode.VERIFIED
    assert by_base == (decode in {Decode.CONFIDENCE, Decode.ENTROPY})
    assert not first.remask
    assert second.remask
    assert second.decode is Decode.VERIFIED


def test_mending_takes_no_more_than_its_share() -> None:
    """However often fills break: no more is spent than the share, and what was saved at first."""
    allowance, filled, mended = Allowance(), 0.0, 0.0
    for _ in range(200):
        filled += 0.3
        allowance.filled(0.3)
        spent = min(2.0, max(0.0, allowance.left))
        allowance.mended(spent)
        mended += spent
    assert MOST_EXTRA * filled < mended <= MOST_EXTRA * filled + MOST_SAVED


def test_not_more_than_so_much_is_saved_up() -> None:
    """A day without broken fills does not pay for an hour of mending."""
    allowance = Allowance()
    allowance.filled(10_000)
    assert allowance.left == MOST_SAVED
