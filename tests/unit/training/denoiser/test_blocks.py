"""Blocks of a middle and their noise."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.training.denoiser.blocks import PAD_WEIGHT, clean_tokens, noisy_rows
from lsp_server.training.examples.example import Example

MASK = 900
middles = st.lists(st.integers(10, 800), min_size=0, max_size=50)


def example_of(middle: list[int]) -> Example:
    return Example(context=(1, 2, 3), last=4, middle=tuple(middle), end=5, kind="line", language="python")


@given(middle=middles, seed=st.integers(0, 10**6))
def test_rows_stand_where_the_text_has_them(middle: list[int], seed: int) -> None:
    """A shown token is the clean text's at its position, and targets are the tokens behind it."""
    example = example_of(middle)
    text = [*clean_tokens(example), *[example.end] * 64]
    rows = noisy_rows(example, MASK, random.Random(seed))
    for token, position, target in zip(rows.token, rows.position, rows.target, strict=True):
        assert token in {MASK, text[position]}
        assert target in {-1, text[position + 1]}


@given(middle=middles, seed=st.integers(0, 10**6))
def test_masked_tokens_and_only_they_are_asked_for(middle: list[int], seed: int) -> None:
    """In a block, a row has a target exactly where the next row is a mask; every block has one."""
    rows = noisy_rows(example_of(middle), MASK, random.Random(seed))
    blocks: dict[int, list[int]] = {}
    for index, number in enumerate(rows.block):
        blocks.setdefault(number, []).append(index)
    for indices in blocks.values():
        asked = [rows.target[index] >= 0 for index in indices]
        hidden = [rows.token[index] == MASK for index in indices]
        assert asked == [*hidden[1:], False]
        assert any(hidden)
        assert not hidden[0]


@given(middle=middles, seed=st.integers(0, 10**6))
def test_the_blocks_cover_the_middle_and_its_end_once_a_copy(middle: list[int], seed: int) -> None:
    """Weights of the all-masked copy add up to the middle and one end; what is behind it hardly counts."""
    rows = noisy_rows(example_of(middle), MASK, random.Random(seed), copies=1)
    assert sum(weight == 1.0 for weight in rows.weight) == len(middle) + 1
    assert set(rows.weight) <= {0.0, 1.0, PAD_WEIGHT}
    assert all(rows.blank)


@given(middle=st.lists(st.integers(10, 800), min_size=20, max_size=50), seed=st.integers(0, 10**6))
def test_pairs_of_copies_complement_each_other(middle: list[int], seed: int) -> None:
    """Every position is masked in a copy of the pair or the other, both only where none would be left."""
    rows = noisy_rows(example_of(middle), MASK, random.Random(seed), copies=3)
    masked: dict[int, int] = {}
    for blank, token, position in zip(rows.blank, rows.token, rows.position, strict=True):
        if not blank and token == MASK:
            masked[position] = masked.get(position, 0) + 1
    assert all(count <= 2 for count in masked.values())


def test_the_teacher_is_the_clean_position_that_predicts_the_same() -> None:
    """Row by row, the teacher of a target stands right before it in the clean text."""
    example = example_of([11, 12, 13])
    text = [*clean_tokens(example), example.end]
    rows = noisy_rows(example, MASK, random.Random(0))
    taught = [(t, r) for t, r in zip(rows.teacher, rows.target, strict=True) if t >= 0 and r >= 0]
    assert taught
    assert all(text[teacher + 1] == target for teacher, target in taught)
