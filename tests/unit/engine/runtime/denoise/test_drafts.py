"""Drafts put together from look-ups and sketches."""

from __future__ import annotations

from itertools import accumulate
from operator import mul

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.runtime.denoise.canvas import Canvas
from lsp_server.engine.runtime.denoise.choice import Choice
from lsp_server.engine.runtime.denoise.drafts import DEAR, FREE, WIDEST, WORTH, before_end, combined
from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.denoise.lookup import Lookup

texts = st.lists(st.integers(0, 5), max_size=60)
sketches = st.lists(st.builds(Choice, st.integers(0, 9), st.floats(0, 1), st.just(0.0)), max_size=8)

PIECES = (b"", b"x", b" = ", b"\n", b"```")
END = 0


class Letters:
    """A vocabulary of five tokens."""

    def bytes_of(self, token: int) -> bytes:
        return PIECES[token]

    def decode(self, tokens: list[int]) -> str:
        return b"".join(PIECES[token] for token in tokens).decode()


def sketch(*choices: tuple[int, float]) -> list[Choice]:
    return [Choice(token, share, 0.0) for token, share in choices]


def ids(draft: list[Choice]) -> list[int]:
    return [choice.token for choice in draft]


def test_nothing_known_nothing_drafted() -> None:
    """Without a match and without a sketch there is no draft."""
    assert combined(Lookup([1, 2, 3]), ()) == []


def test_a_sketch_goes_on_behind_a_look_up() -> None:
    """Where nothing matches, or little surely, the sketch's token for that place is drafted."""
    assert ids(combined(Lookup([1, 2, 3, 1]), sketch((2, 0.5), (8, 0.9)))) == [2, 8]
    assert ids(combined(Lookup([7, 3, 4]), sketch((8, 0.9), (9, 0.9)))) == [8, 9]


def test_a_look_up_goes_on_behind_a_sketch() -> None:
    """What stood behind a sketched token before is drafted behind it."""
    text = [5, 6, 7, 8, 1, 2, 5, 6, 7, 8, 9]
    assert ids(combined(Lookup(text), sketch((5, 0.9))))[:4] == [5, 6, 7, 8]


def test_the_likelier_proposal_is_drafted() -> None:
    """A weak match gives way to a sure sketch, a sure match stays; agreement beats either."""
    weak, sure = Lookup([1, 2, 3, 1]), Lookup([*range(10, 30), 2, *range(10, 30)])
    assert ids(combined(weak, sketch((8, 0.9))))[0] == 8
    assert ids(combined(sure, sketch((8, 0.9))))[0] == 2
    alone, both = combined(weak, ())[0], combined(weak, sketch((2, 0.5)))[0]
    assert alone.token == both.token == 2
    assert both.confidence > max(alone.confidence, 0.5)


@given(texts, sketches)
def test_a_draft_is_worth_verifying(text: list[int], sketched: list[Choice]) -> None:
    """All of a draft up to any place is as likely as that place costs, by its own account."""
    draft = combined(Lookup(text), sketched)
    together = list(accumulate((choice.confidence for choice in draft), mul))
    assert len(draft) <= WIDEST
    assert all(share >= WORTH for share in together[:FREE])
    assert all(share >= DEAR for share in together[FREE:])


def test_a_long_copy_is_drafted_wide() -> None:
    """What has been copied for long goes on to be copied, up to the widest draft."""
    row = list(range(100))
    assert ids(combined(Lookup([*row, *row[:30]]), ())) == row[30 : 30 + WIDEST]


@pytest.mark.parametrize(
    ("settings", "draft", "left"),
    [
        ({}, [1, 2, 1], [1, 2, 1]),
        ({}, [1, END, 1], [1]),
        ({"ending": Ending(max_lines=1)}, [1, 3, 1], [1]),
        ({"ending": Ending(max_lines=2)}, [1, 3, 1, 3, 1], [1, 3, 1]),
        ({"ending": Ending(marker="```")}, [1, 4, 1], [1]),
        ({"max_tokens": 3}, [1, 2, 1], [1]),
        ({}, [], []),
    ],
)
def test_nothing_is_drafted_behind_the_end(
    settings: dict[str, object], draft: list[int], left: list[int]
) -> None:
    """A draft stops before the token that ends the fill: the verifying pass says that by itself."""
    canvas = Canvas(Letters(), frozenset({END}), **({"ending": Ending(), "max_tokens": 99} | settings))  # type: ignore[arg-type]  # settings of several types
    canvas.commit(2, 1.0)
    assert ids(before_end(canvas, sketch(*((token, 0.9) for token in draft)))) == left
