"""The forward passes, against transformers' own Qwen2."""

from __future__ import annotations

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.weights import FUSED, Weights

TOKENS = [17, 45, 200, 99, 31, 250, 12, 77]


@pytest.fixture(scope="module")
def reference(architecture: Architecture, weights: Weights) -> Qwen2ForCausalLM:
    """Transformers' model with the toy's base weights."""
    a = architecture
    config = Qwen2Config(
        vocab_size=a.vocab,
        hidden_size=a.dim,
        intermediate_size=a.ff_dim,
        num_hidden_layers=a.layers,
        num_attention_heads=a.heads,
        num_key_value_heads=a.kv_heads,
        rms_norm_eps=a.norm_eps,
        rope_parameters={"rope_type": "default", "rope_theta": a.rope_theta},
        tie_word_embeddings=True,
    )
    model = Qwen2ForCausalLM(config).eval()
    state = {"model.embed_tokens.weight": weights.head.weight, "model.norm.weight": weights.last_norm}
    for index, layer in weights.base.parts.items():
        at = f"model.layers.{index}"
        sizes = (a.heads * a.head_dim, a.kv_heads * a.head_dim, a.kv_heads * a.head_dim)
        for kind in ("weight", "bias"):
            for name, part in zip("qkv", getattr(layer.qkv, kind).split(sizes), strict=True):
                state[f"{at}.self_attn.{name}_proj.{kind}"] = part
        state[f"{at}.self_attn.o_proj.weight"] = layer.o.weight
        for name, part in zip(("gate", "up"), layer.gate_up.weight.chunk(2), strict=True):
            state[f"{at}.mlp.{name}_proj.weight"] = part
        state[f"{at}.mlp.down_proj.weight"] = layer.down.weight
        state[f"{at}.input_layernorm.weight"] = layer.attention_norm
        state[f"{at}.post_attention_layernorm.weight"] = layer.ffn_norm
    missing = model.load_state_dict(state, strict=False).missing_keys
    assert missing in ([], ["lm_head.weight"])
    return model


def empty(model: Model) -> KV:
    return model.cache.open([])


def test_reading_is_the_base_model(model: Model, reference: Qwen2ForCausalLM) -> None:
    """A causal pass gives the logits of transformers' Qwen2 on the same weights."""
    logits = model.network.logits(model.network.read(empty(model), TOKENS))
    with torch.no_grad():
        expected = reference(torch.tensor([TOKENS])).logits[0]
    torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("cuts", [[1, 2, 3], [4], [7]])
def test_reading_in_pieces_is_reading_at_once(model: Model, cuts: list[int]) -> None:
    """The cache is exact: however the context is cut up, the last logits are the same."""
    whole = model.network.read(empty(model), TOKENS)[-1]
    kv = empty(model)
    for start, end in zip([0, *cuts], [*cuts, len(TOKENS)], strict=True):
        last = model.network.read(kv, TOKENS[start:end])[-1]
    torch.testing.assert_close(last, whole, atol=1e-5, rtol=1e-5)


def test_a_block_sees_itself_in_both_directions(model: Model) -> None:
    """Another token at the block's end changes the prediction at its start; reading would not."""
    kv = model.cache.open([])
    model.network.read(kv, TOKENS[:4])
    a = model.network.denoise(kv, [5, 6, 7])[0]
    b = model.network.denoise(kv, [5, 6, 8])[0]
    assert not torch.allclose(a, b, atol=1e-3)


def test_denoising_leaves_the_context_alone(model: Model) -> None:
    """After any number of block passes the base reads on as if there had been none."""
    kv = model.cache.open([])
    model.network.read(kv, TOKENS[:4])
    expected = model.network.read(kv, TOKENS[4:])
    kv.truncate(4)
    model.network.denoise(kv, [model.family.mask] * 6)
    assert kv.tokens == TOKENS[:4]
    torch.testing.assert_close(model.network.read(kv, TOKENS[4:]), expected)


def test_a_mask_takes_the_trained_embedding(model: Model, weights: Weights) -> None:
    """The mask's row of the vocabulary plays no part."""
    embedded = model.network._embed([3, model.family.mask])
    torch.testing.assert_close(embedded[1], weights.mask_embedding)
    torch.testing.assert_close(embedded[0], weights.head.weight[3])


def test_all_projections_are_used(weights: Weights, model: Model) -> None:
    """The denoiser's body differs from the base's in every projection, so a mix-up shows."""
    for base, other in zip(weights.base.parts.values(), weights.denoiser.parts.values(), strict=True):
        for name in FUSED:
            assert not torch.equal(getattr(base, name).weight, getattr(other, name).weight)
    kv = model.cache.open([])
    model.network.read(kv, TOKENS)
    kv.truncate(4)
    read = model.network.read(kv, TOKENS[4:5])
    kv.truncate(4)
    assert not torch.allclose(model.network.denoise(kv, TOKENS[4:5]), read, atol=1e-4)


def test_network_is_made_of_given_weights(weights: Weights) -> None:
    """An id that is no mask embeds as itself even if the mask is another."""
    network = Network(weights, mask_id=3)
    torch.testing.assert_close(network._embed([3])[0], weights.mask_embedding)
