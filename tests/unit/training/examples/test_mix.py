"""The table of kinds."""

import random
from collections import Counter

from lsp_server.training.examples import mix


def test_drawn_by_weight() -> None:
    """Kinds come as often as the table says, which is in per cent."""
    rng = random.Random(0)
    drawn = Counter(mix.draw(rng)[0] for _ in range(20_000))
    assert sum(weight for weight, _ in mix.KINDS.values()) == 100
    for kind, (weight, _) in mix.KINDS.items():
        assert abs(drawn[kind] / 200 - weight) < 1.5


def test_open_ended_are_kinds() -> None:
    """What may be cut at the end of a file is in the table."""
    assert set(mix.KINDS) >= mix.OPEN_ENDED
