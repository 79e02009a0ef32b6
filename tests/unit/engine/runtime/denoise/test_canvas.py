"""What has been committed of a hole."""

from __future__ import annotations

import pytest

from lsp_server.core.types import Alternative
from lsp_server.engine.protocol import CellState, Stop
from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.ending import Ending

PIECES = {0: b"", 1: b"def", 2: b" f", 3: b"()", 4: b"\n", 5: "é".encode()[:1], 6: "é".encode()[1:]}
PIECES |= {7: b")\n", 8: b")\n\n"}
END = 0


class Letters:
    """A vocabulary of seven tokens."""

    def bytes_of(self, token: int) -> bytes:
        return PIECES[token]

    def decode(self, tokens: list[int]) -> str:
        return b"".join(PIECES[token] for token in tokens).decode(errors="ignore")


def canvas(**given: object) -> Canvas:
    settings = {"ending": Ending(), "max_tokens": 9} | given
    return Canvas(Letters(), frozenset({END}), **settings)  # type: ignore[arg-type]


def test_what_is_cut_off_is_not_shown() -> None:
    """The last frame of a fill is the fill: the token that ended it is not in it."""
    work = canvas(ending=Ending(marker="()"))
    for token in (1, 2, 3):
        work.commit(token, 0.5)
    assert work.stop is Stop.LINES
    assert "".join(cell.text for cell in work.cells()) == work.fill().text == "def f"


@pytest.mark.parametrize(
    ("given", "tokens", "text", "stop"),
    [
        ({}, [1, 2, END], "def f", Stop.END),
        ({"ending": Ending(max_lines=1)}, [1, 4], "def", Stop.LINES),
        ({"max_tokens": 2}, [1, 2], "def f", Stop.LENGTH),
        ({}, [END], "", Stop.END),
    ],
)
def test_a_fill_stops(given: dict[str, object], tokens: list[int], text: str, stop: Stop) -> None:
    """At an end token, at its ending, at its length; the last commit says so."""
    work = canvas(**given)
    assert [work.commit(token, 0.5) for token in tokens] == [True] * (len(tokens) - 1) + [False]
    assert (work.fill().text, work.fill().stop) == (text, stop)


def test_typed_tokens_are_locked() -> None:
    """Tokens inside what was typed count as locked, one that goes beyond it does not."""
    work = canvas(typed=b"def (")
    for token in (1, 2):
        work.commit(token, 0.5)
    assert work.locked == [True, True]
    assert work.typed == b""
    work = canvas(typed=b"de")
    work.commit(1, 0.5)
    assert work.locked == [False]
    assert [cell.state for cell in work.cells()] == [CellState.COMMITTED]


def test_pieces_spell_the_text() -> None:
    """Pieces joined are the fill, also where a character spans tokens and where the ending cuts one."""
    work = canvas(ending=Ending(max_lines=1))
    for token in (1, 5, 6, 4):
        work.commit(token, 0.5)
    fill = work.fill()
    assert fill.text == "defé"
    assert "".join(piece.text for piece in fill.pieces) == fill.text


def test_time_out_is_the_default_stop() -> None:
    """A canvas that nothing stopped ran out of time, and a copy does not share its state."""
    work = canvas()
    work.commit(1, 0.5)
    work.copy().commit(2, 0.5)
    assert (work.fill().text, work.fill().stop) == ("def", Stop.BUDGET)


def test_nothing_ends_a_fill_within_its_head() -> None:
    """Locked tokens and typed bytes stay whatever ends a fill there, and do not count as its length."""
    begun = canvas(ending=Ending(max_lines=1), max_tokens=1, typed=b" f()")
    begun.begin([1, 4])
    assert begun.commit(2, 0.9)
    assert not begun.commit(3, 0.9)
    fill = begun.fill()
    assert (fill.text, fill.stop) == ("def\n f()", Stop.LINES)
    assert all(piece.locked for piece in fill.pieces)


def test_alternatives_are_text_and_are_cut_like_their_token() -> None:
    """Halves of characters and end tokens are none; a token cut at its line break is compared up to there."""
    work = canvas(ending=Ending(max_lines=1))
    work.commit(1, 0.3, ((2, 0.25), (5, 0.2), (END, 0.1)))
    work.commit(7, 0.4, ((3, 0.3), (8, 0.2)))
    def_, call = work.fill().pieces
    assert def_.alternatives == (Alternative(" f", 0.25),)
    assert (call.text, call.alternatives) == (")", (Alternative("()", 0.3),))


def test_a_locked_token_and_half_a_character_have_no_alternatives() -> None:
    """What the user typed is no guess, and a part of a character cannot be replaced alone."""
    work = canvas(typed=b"def")
    work.commit(1, 0.3, ((2, 0.2),))
    work.commit(5, 0.3, ((1, 0.2),))
    work.commit(6, 0.3, ((1, 0.2),))
    assert [(piece.text, piece.alternatives) for piece in work.fill().pieces] == [("def", ()), ("é", ())]
