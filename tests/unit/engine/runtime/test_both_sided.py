"""Ranking fills by what the base says of them and of what follows, on the toy model."""

from __future__ import annotations

import pytest
import torch

from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.both_sided import Judged, judge
from lsp_server.engine.runtime.kv import KV

PREFIX, SUFFIX = "def area(radius):\n    return ", "\n\nfor item in items:\n"


def by_hand(model: Model, fill: str) -> tuple[float, float]:
    """The same from one pass over everything."""
    network, vocabulary = model.network, model.family.vocabulary
    head, middle, tail = (vocabulary.encode(text) for text in (PREFIX, fill, SUFFIX))
    tokens = [*head, *middle, *tail]
    weights = network.weights
    kv = KV(weights.architecture, weights.dtype, weights.device)
    log_p = network.logits(network.read(kv, tokens[:-1])).log_softmax(-1)
    chosen = [log_p[at - 1, tokens[at]].item() for at in range(len(head), len(tokens))]
    own, after = chosen[: len(middle)], chosen[len(middle) :]
    return sum(own) / len(own), sum(after) / len(after)


def test_it_is_the_log_probability_of_both(model: Model) -> None:
    """Reading the prefix once for all fills changes nothing; it saves passes."""
    fills = ["math.pi * radius ** 2", "item"]
    judged = judge(model.network, model.family.vocabulary, PREFIX, fills, SUFFIX)
    for index, fill in enumerate(fills):
        own, after = by_hand(model, fill)
        assert judged.middle[index] == pytest.approx(own, abs=1e-4)
        assert judged.suffix[index] == pytest.approx(after, abs=1e-4)
    assert judged.forwards == 3


def test_a_sketcher_changes_nothing(model: Model, sketching: Model) -> None:
    """A model that also keeps what a sketcher starts from judges as the same one without."""
    plain, sketched = (
        judge(each.network, each.family.vocabulary, PREFIX, ["math.pi", "item"], SUFFIX)
        for each in (model, sketching)
    )
    assert sketched.middle == pytest.approx(plain.middle, abs=1e-5)
    assert sketched.suffix == pytest.approx(plain.suffix, abs=1e-5)


def test_windows_bound_what_is_read(model: Model) -> None:
    """Far ends do not matter."""
    vocabulary = model.family.vocabulary
    near, far = (
        judge(model.network, vocabulary, before + PREFIX, ["item"], SUFFIX + after, before=8, after=4)
        for before, after in (("", ""), ("x = 1\n" * 50, "y = 2\n" * 50))
    )
    assert near == far


@pytest.mark.parametrize(("prefix", "suffix"), [("", ""), ("", SUFFIX), (PREFIX, "")])
def test_nothing_is_a_text_too(model: Model, prefix: str, suffix: str) -> None:
    """Empty fills, prefixes and suffixes have finite figures."""
    judged = judge(model.network, model.family.vocabulary, prefix, ["", "item"], suffix)
    assert judged.middle[0] == 0
    assert torch.tensor([*judged.middle, *judged.suffix]).isfinite().all()


def test_the_best_is_likeliest_as_a_whole() -> None:
    """Fill and suffix count alike; the first of equals wins."""
    assert Judged((-1.0, -2.0), (-3.0, -1.0), 3).best() == 1
    assert Judged((-1.0, -1.0), (-1.0, -1.0), 3).best() == 0


def test_the_best_join_is_judged_by_the_suffix_alone() -> None:
    """However unlikely the fill is itself."""
    assert Judged((-1.0, -9.0, -2.0), (-3.0, -1.0, -1.0), 4).best_join() == 1
