"""Drafts by the sketcher: cheap, and without influence on the fill."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import Span
from lsp_server.engine.protocol import Decode, FillRequest, Hole, Sampling
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.denoise.choice import Chooser
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.network import Network

TEXT = "def area(radius):\n    return math.pi * radius ** 2\n\nfor item in items:\n    result.append(item)\n"
TOKENS = [17, 45, 200, 99, 31, 250, 12, 77]


@pytest.fixture
def filler(sketching: Model) -> DiffusionFiller:
    return DiffusionFiller(sketching, "toy", "0" * 64, "cpu, fp32, toy")


def ask(filler: DiffusionFiller, hole: Hole, decode: Decode, **sampling: float) -> tuple[str, float]:
    request = FillRequest(TEXT, (hole,), sampling=Sampling(decode=decode, **sampling))
    result = filler.fill(request, cancel=CancelToken(), deadline=None, on_frame=None)
    return result.candidates[0].fills[0].text, result.figures.forwards


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.integers(0, len(TEXT)), st.integers(0, 10), st.sampled_from([0.0, 0.7, 1.5]))
def test_a_sketched_fill_is_the_bases_own(
    filler: DiffusionFiller, at: int, seed: int, temperature: float
) -> None:
    """Whatever the sketcher proposes, at any place and temperature, the fill is that of left to right."""
    hole = Hole(at, at, max_tokens=20)
    sketched, alone = (
        ask(filler, hole, decode, seed=seed, temperature=temperature)[0]
        for decode in (Decode.VERIFIED, Decode.LEFT_TO_RIGHT)
    )
    assert sketched == alone


def test_typed_characters_survive_a_sketch(filler: DiffusionFiller) -> None:
    """A sketch goes on with what is locked at the hole's start."""
    at = TEXT.index("retu") + 4
    hole = Hole(at - 8, at, locks=(Span(at - 8, at),), max_tokens=20)
    assert ask(filler, hole, Decode.VERIFIED)[0].startswith("    retu")


def test_a_sketch_costs_its_share_of_the_layers(filler: DiffusionFiller) -> None:
    """One of two layers: every sketch adds half a pass, every verification a whole one."""
    _, forwards = ask(filler, Hole(20, 20, max_tokens=20), Decode.VERIFIED)
    assert forwards % 0.5 == 0
    assert forwards != int(forwards) or forwards > 1


def test_a_sketch_leaves_the_context_as_it_is(sketching: Model) -> None:
    """Reading on after a sketch gives what it gives without."""
    network, kv = sketching.network, sketching.cache.open([])
    network.read(kv, TOKENS[:5])
    before = network.read(kv, TOKENS[5:])
    kv.truncate(5)
    network.sketch(kv, [TOKENS[5]], 4)
    torch.testing.assert_close(network.read(kv, TOKENS[5:]), before)


def test_a_sketch_follows_from_what_is_known_and_what_was_read(sketching: Model) -> None:
    """Another known token, or another text before it, gives another sketch."""
    network, kv = sketching.network, sketching.cache.open([])
    network.read(kv, TOKENS[:5])
    sketch = network.sketch(kv, [9], 3)
    assert not torch.allclose(sketch, network.sketch(kv, [10], 3))
    assert not torch.allclose(sketch[1:], network.sketch(kv, [9, 4], 3)[1:])
    kv.truncate(4)
    assert not torch.allclose(sketch, network.sketch(kv, [9], 3))


def test_seeds_follow_a_copied_context(sketching: Model) -> None:
    """A context copied from another's start sketches as if it had been read."""
    network, cache = sketching.network, sketching.cache
    kv = cache.open(TOKENS)
    network.read(kv, TOKENS)
    other = cache.open([*TOKENS[:3], 9, 9])
    assert other is not kv
    assert other.tokens == TOKENS[:3]
    kv.truncate(3)
    torch.testing.assert_close(network.sketch(other, [9], 3), network.sketch(kv, [9], 3))


def test_nothing_to_sketch_from(sketching: Model, model: Model) -> None:
    """An empty context, or a model without a sketcher, is refused."""
    for network, kv in ((sketching.network, sketching.cache.open([])), (model.network, model.cache.open([]))):
        with pytest.raises(ValueError, match="nothing to sketch from"):
            network.sketch(kv, [9], 3)


def test_only_listed_tokens_are_proposed(sketching: Model) -> None:
    """Every proposal is one of the sketcher's tokens, and none that must never be chosen."""
    network, family = sketching.network, sketching.family
    kv = sketching.cache.open([])
    network.read(kv, TOKENS)
    sketcher = network.weights.sketcher
    assert sketcher is not None
    best = sketcher.ids[network.sketch(kv, [9], 4).argmax(-1)]
    for temperature in (0.0, 1.0):
        chooser = Chooser(family.vocabulary, frozenset(best.tolist()), temperature=temperature, seed=1)
        chosen = chooser.choose_among(network.sketch(kv, [9], 4), sketcher.ids, 0)
        assert all(choice.token % 2 == 0 for choice in chosen)  # the toy's sketcher has the even tokens
        assert not {choice.token for choice in chosen} & set(best.tolist())


def test_without_a_sketcher_a_pass_costs_one(model: Model) -> None:
    """The share of a sketcher that is not there is nothing."""
    assert model.network.sketch_share == 0
    assert Network(replace(model.network.weights), mask_id=0).sketch_share == 0


def test_the_end_of_a_context_is_sketched_from_again(filler: DiffusionFiller, sketching: Model) -> None:
    """The next fill at the same place finds a seed there, though the context's end was read with a draft."""
    at = TEXT.index("    return")
    ask(filler, Hole(at, at, max_tokens=20), Decode.VERIFIED)
    context = sketching.family.fim(TEXT[:at], TEXT[at:]).context
    kv = sketching.cache.open(context)
    assert kv.tokens == list(context)
    assert kv.seed is not None
