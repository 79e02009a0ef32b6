"""Logits of every family equal another implementation's: transformers' where it has one, else the paper's.

The references know nothing of caches: they see the whole sequence under a mask.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.runtime.families.family import Around

Loaded = Callable[..., Any]
Checkpoint = Callable[..., Path]

BLOCKS = {"sdar": 4, "stable-diffcoder": 4, "fast-dllm": 32, "llada2": 32}
SHIFTED = {"dream", "dreamon", "open-dcoder", "fast-dllm"}


def _mask(length: int, block: int | None) -> Tensor:
    """What each position sees, written down position by position."""
    seen = torch.zeros(length, length, dtype=torch.bool)
    for query in range(length):
        for key in range(length):
            seen[query, key] = block is None or key // block <= query // block
    return seen


def _transformers(family: str, folder: Path, tokens: Sequence[int], block: int | None) -> Tensor:
    """Logits (n, vocab) by transformers' own module for the family's parent."""
    import transformers

    parent = {"sdar": "Qwen3", "stable-diffcoder": "Llama", "llada": "Llama"}.get(family, "Qwen2")
    config = json.loads((folder / "config.json").read_text())
    tensors = load_file(folder / "model.safetensors")
    if family == "llada":
        config, tensors = _as_llama(config, tensors)
    tied = "lm_head.weight" not in tensors
    made = getattr(transformers, f"{parent}Config")(
        **{name: value for name, value in config.items() if name not in {"architectures", "bd_size"}},
        tie_word_embeddings=tied,
        attn_implementation="eager",
    )
    model = getattr(transformers, f"{parent}ForCausalLM")(made).eval()
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    assert not unexpected
    assert not missing or (tied and missing == ["lm_head.weight"])
    model.tie_weights()
    bias = torch.zeros(len(tokens), len(tokens)).masked_fill(~_mask(len(tokens), block), -torch.inf)
    with torch.inference_mode():
        return model(torch.tensor([tokens]), attention_mask=bias[None, None]).logits[0]


def _as_llama(
    config: dict[str, Any], tensors: Mapping[str, Tensor]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """LLaDA's checkpoint in Llama's words, as its paper says it is one (section 2.3)."""
    names = {
        "transformer.wte": "embed_tokens",
        "transformer.ln_f": "norm",
        "transformer.blocks": "layers",
        "q_proj": "self_attn.q_proj",
        "k_proj": "self_attn.k_proj",
        "v_proj": "self_attn.v_proj",
        "attn_out": "self_attn.o_proj",
        "ff_proj": "mlp.gate_proj",
        "up_proj": "mlp.up_proj",
        "attn_norm": "input_layernorm",
        "ff_norm": "post_attention_layernorm",
    }
    renamed = {}
    for name, tensor in tensors.items():
        if name == "model.transformer.ff_out.weight":
            renamed["lm_head.weight"] = tensor
            continue
        for old, new in names.items():
            name = name.replace(f".{old}.", f".{new}.")  # noqa: PLW2901
        renamed[name.replace(".ff_out.", ".mlp.down_proj.")] = tensor
    sizes = {
        "hidden_size": config["d_model"],
        "intermediate_size": config["mlp_hidden_size"],
        "num_hidden_layers": config["n_layers"],
        "num_attention_heads": config["n_heads"],
        "num_key_value_heads": config["n_kv_heads"],
        "vocab_size": config["embedding_size"],
        "rms_norm_eps": config["rms_norm_eps"],
        "rope_theta": config["rope_theta"],
    }
    return sizes, renamed


def _llada2(folder: Path, tokens: Sequence[int], block: int) -> Tensor:  # noqa: C901 -- the whole network
    """Logits (n, vocab) of LLaDA2.0, one position and one head after the other (arXiv 2512.15745, Ling)."""
    c, t = json.loads((folder / "config.json").read_text()), load_file(folder / "model.safetensors")
    heads, kv, width = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
    turning = int(width * c["partial_rotary_factor"])
    seen = _mask(len(tokens), block)

    def norm(x: Tensor, weight: Tensor) -> Tensor:
        return weight * x / (x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"]).sqrt()

    def turn(x: Tensor, position: int) -> Tensor:
        out, half = x.clone(), turning // 2
        for i in range(half):
            angle = torch.tensor(position * c["rope_theta"] ** (-2 * i / turning))
            out[i] = x[i] * angle.cos() - x[half + i] * angle.sin()
            out[half + i] = x[half + i] * angle.cos() + x[i] * angle.sin()
        return out

    def swiglu(x: Tensor, at: str) -> Tensor:
        gate, up = t[f"{at}gate_proj.weight"] @ x, t[f"{at}up_proj.weight"] @ x
        return t[f"{at}down_proj.weight"] @ (functional.silu(gate) * up)

    def experts(x: Tensor, at: str) -> Tensor:
        scores = torch.sigmoid(t[f"{at}gate.weight"] @ x)
        ranked = scores + t[f"{at}gate.expert_bias"]
        groups = ranked.view(c["n_group"], -1)
        best = groups.sort(descending=True).values[:, :2].sum(1).argsort(descending=True)[: c["topk_group"]]
        size = groups.shape[1]
        allowed = [e for e in range(c["num_experts"]) if e // size in best.tolist()]
        chosen = sorted(allowed, key=lambda e: -float(ranked[e]))[: c["num_experts_per_tok"]]
        total = sum(float(scores[e]) for e in chosen)
        out = swiglu(x, f"{at}shared_experts.")
        for expert in chosen:
            share = float(scores[expert]) / total * c["routed_scaling_factor"]
            out = out + share * swiglu(x, f"{at}experts.{expert}.")
        return out

    states = [t["model.word_embeddings.weight"][token] for token in tokens]
    for layer in range(c["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        queries, keys, values = [], [], []
        for position, state in enumerate(states):
            qkv = t[f"{at}attention.query_key_value.weight"] @ norm(state, t[f"{at}input_layernorm.weight"])
            parts = qkv.view(heads + 2 * kv, width)
            q_norm, k_norm = (t[f"{at}attention.{name}_layernorm.weight"] for name in ("query", "key"))
            queries.append([turn(norm(q, q_norm), position) for q in parts[:heads]])
            keys.append([turn(norm(k, k_norm), position) for k in parts[heads : heads + kv]])
            values.append(list(parts[heads + kv :]))
        gathered = []
        for position in range(len(tokens)):
            sees = [key for key in range(len(tokens)) if seen[position, key]]
            found = []
            for head in range(heads):
                group = head * kv // heads
                scores = (
                    torch.stack([queries[position][head] @ keys[key][group] for key in sees]) / width**0.5
                )
                found.append(
                    sum(w * values[key][group] for w, key in zip(scores.softmax(0), sees, strict=True))
                )
            gathered.append(t[f"{at}attention.dense.weight"] @ torch.cat(found))
        states = [state + new for state, new in zip(states, gathered, strict=True)]
        dense = layer < c["first_k_dense_replace"]
        compute = swiglu if dense else experts
        normed = [norm(state, t[f"{at}post_attention_layernorm.weight"]) for state in states]
        states = [state + compute(x, f"{at}mlp.") for state, x in zip(states, normed, strict=True)]
    return torch.stack([t["lm_head.weight"] @ norm(state, t["model.norm.weight"]) for state in states])


def _reference(family: str, folder: Path, tokens: Sequence[int], block: int | None) -> Tensor:
    if family == "llada2":
        assert block is not None
        return _llada2(folder, tokens, block)
    return _transformers(family, folder, tokens, block)


def _expected(family: str, logits: Tensor, first: int, count: int) -> Tensor:
    """The rows that say what stands at positions ``first`` to ``first + count``."""
    shift = 1 if family in SHIFTED else 0
    return logits[first - shift : first - shift + count]


@pytest.mark.parametrize("family", ["dream", "dreamon", "open-dcoder", "llada"])
def test_full_attention(loaded: Loaded, checkpoint: Checkpoint, family: str) -> None:
    """A canvas between two sides: the logits of its positions, shifted where the family is."""
    filler, mask = loaded(family), loaded(family).family.mask
    filler.look.refresh = 0
    before, canvas, after = [5, 9, 200, 31], [mask, 77, mask, mask, 8], [100, 3, 44]
    sight, _ = filler.look(Around(before, after), filler.family.facts, CancelToken())
    reference = _reference(family, checkpoint(family), [*before, *canvas, *after], None)
    expected = _expected(family, reference, len(before), len(canvas))
    torch.testing.assert_close(sight.logits(canvas), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", ["dream", "llada"])
def test_nothing_before_the_canvas(loaded: Loaded, checkpoint: Checkpoint, family: str) -> None:
    """The sequence's first position is predicted by its own state, as in Dream's own code."""
    filler = loaded(family)
    canvas, after = [filler.family.mask] * 3, [100, 3]
    sight, _ = filler.look(Around([], after), filler.family.facts, CancelToken())
    reference = _reference(family, checkpoint(family), [*canvas, *after], None)
    rows = [0, 0, 1] if family in SHIFTED else [0, 1, 2]
    torch.testing.assert_close(sight.logits(canvas), reference[rows], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", ["dream", "llada"])
def test_dual_cache(loaded: Loaded, checkpoint: Checkpoint, family: str) -> None:
    """A pass over the canvas alone equals one in which the surroundings still saw the canvas as it was.

    Written out: only the canvas's rows are computed anew, layer by layer.
    """
    filler, mask = loaded(family), loaded(family).family.mask
    before, after = [5, 9, 200, 31], [100, 3, 44]
    sight, _ = filler.look(Around(before, after), filler.family.facts, CancelToken())
    sight.logits([mask] * 4)
    assert sight.forwards == 1
    unchanged = sight.logits([mask] * 4)
    assert sight.forwards < 2
    reference = _reference(family, checkpoint(family), [*before, *[mask] * 4, *after], None)
    torch.testing.assert_close(unchanged, _expected(family, reference, 4, 4), rtol=1e-4, atol=1e-4)
    nearly = sight.logits([mask, 7, mask, mask])
    whole = _reference(family, checkpoint(family), [*before, mask, 7, mask, mask, *after], None)
    close = functional.cosine_similarity(nearly.flatten(), _expected(family, whole, 4, 4).flatten(), dim=0)
    assert 0.9 < close < 1 - 1e-7  # near, and not the same


@pytest.mark.parametrize("family", list(BLOCKS))
@pytest.mark.parametrize("length", [3, 8, 37, 64])
def test_block_causal(loaded: Loaded, checkpoint: Checkpoint, family: str, length: int) -> None:
    """The first canvas behind prompts that end inside a block or with one, and the next block's canvas."""
    filler, block = loaded(family), BLOCKS[family]
    mask = filler.family.mask
    prompt = [(7 * place) % 250 for place in range(length)]
    sight, _ = filler.look(Around(prompt, []), filler.family.facts, CancelToken())
    room = block - length % block
    assert sight.room == room
    canvas = [mask if place % 2 else 50 + place for place in range(room)]
    reference = _reference(family, checkpoint(family), [*prompt, *canvas], block)
    expected = _expected(family, reference, length, room)
    torch.testing.assert_close(sight.logits(canvas), expected, rtol=1e-4, atol=1e-4)

    filled = [90 + place for place in range(room)]
    sight.keep(filled)
    following = [mask] * block
    reference = _reference(family, checkpoint(family), [*prompt, *filled, *following], block)
    expected = _expected(family, reference, length + room, block)
    torch.testing.assert_close(sight.logits(following), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", list(BLOCKS))
def test_a_cached_prompt_changes_nothing(loaded: Loaded, family: str) -> None:
    """What another prompt with the same start left behind is used, and gives the same logits."""
    filler, block = loaded(family), BLOCKS[family]
    prompt = [(7 * place) % 250 for place in range(2 * block)]
    longer = [*prompt, *([11] * block)]
    fresh, known = filler.look(Around(prompt, []), filler.family.facts, CancelToken())
    canvas = [filler.family.mask] * block
    expected = fresh.logits(canvas)
    assert known == 0
    filler.look(Around(longer, []), filler.family.facts, CancelToken())
    again, known = filler.look(Around(prompt, []), filler.family.facts, CancelToken())
    assert known == (block if family in SHIFTED else 2 * block)
    torch.testing.assert_close(again.logits(canvas), expected, rtol=1e-5, atol=1e-5)


def test_experts_of_qwen3() -> None:
    """SDAR's largest is a Qwen3-MoE: softmax over all experts, no groups, nothing shared."""
    from transformers import Qwen3MoeConfig
    from transformers.models.qwen3_moe.modeling_qwen3_moe import Qwen3MoeSparseMoeBlock

    from lsp_server.engine.runtime.linear import DenseLinear
    from lsp_server.engine.runtime.whole.experts import Dense, Experts
    from lsp_server.engine.runtime.whole.shape import shape_of

    sizes = {"num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "norm_topk_prob": True}
    config = Qwen3MoeConfig(hidden_size=32, intermediate_size=48, num_attention_heads=4, **sizes)
    block = Qwen3MoeSparseMoeBlock(config).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    x = torch.randn((5, 32), generator=generator)
    state = block.state_dict()
    gates, ups = state["experts.gate_up_proj"].chunk(2, 1)
    routing = shape_of(config.to_dict() | {"rope_parameters": None}).routing
    assert routing is not None
    experts = [
        Dense(DenseLinear(gate), DenseLinear(up), DenseLinear(down))
        for gate, up, down in zip(gates, ups, state["experts.down_proj"], strict=True)
    ]
    ours = Experts(routing, state["gate.weight"], experts)
    with torch.inference_mode():
        expected = block(x[None])
        expected = expected[0] if isinstance(expected, tuple) else expected
        torch.testing.assert_close(ours(x), expected.view(5, 32), rtol=1e-4, atol=1e-4)
