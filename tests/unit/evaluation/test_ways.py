"""The names of ways."""

from __future__ import annotations

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.engine.protocol import Decode
from lsp_server.evaluation.ways import DEFAULT, LEFT_TO_RIGHT, chosen_ways, parse_way


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("verified", "verified"),
        ("confidence", "confidence:0.9"),
        ("confidence:0.5", "confidence:0.5"),
        ("entropy:1", "entropy:1"),
        ("verified+repair+trim", "verified+trim+repair"),
        ("verified+candidates", "verified+candidates:4"),
        (" left-to-right+both-sided ", "left-to-right+both-sided:4"),
    ],
)
def test_names_are_read(text: str, name: str) -> None:
    """A way is called the same however its extras were ordered."""
    assert parse_way(text, count=4).name == name


def test_bounds_reach_the_sampling() -> None:
    """A threshold and an entropy go where the engine looks for them."""
    assert parse_way("confidence:0.5", count=1).sampling.threshold == 0.5
    assert parse_way("entropy:0.3", count=1).sampling.entropy == 0.3
    assert parse_way("verified", count=1).sampling.decode is Decode.VERIFIED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fast",
        "verified:3",
        "confidence:x",
        "verified+magic",
        "verified+candidates+both-sided",
        "verified+repair+switch",
    ],
)
def test_other_names_are_refused(text: str) -> None:
    """With a hint that says what there is."""
    with pytest.raises(BadInput) as caught:
        parse_way(text, count=4)
    assert caught.value.hint


def test_the_base_is_a_row_of_every_table() -> None:
    """Left to right comes first whatever is asked for, and each way comes once."""
    names = [way.name for way in chosen_ways(["verified", "verified"], ["repair"], count=4)]
    assert names == ["left-to-right", "verified", "left-to-right+repair", "verified+repair"]
    assert tuple(chosen_ways([], [], count=4)) == DEFAULT
    assert DEFAULT[0] == LEFT_TO_RIGHT
