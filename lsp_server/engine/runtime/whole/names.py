"""What checkpoints call their tensors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Names of tensors; those of a layer stand behind `layer`, which takes its number.

    `qkv` is the one tensor of queries, keys and values where they are stored together.
    """

    embed: str
    last_norm: str
    head: str
    layer: str
    attention_norm: str
    ffn_norm: str
    q: str
    k: str
    v: str
    o: str
    gate: str
    up: str
    down: str
    q_norm: str = "none"
    k_norm: str = "none"
    qkv: str = "none"
    router: str = "mlp.gate"
    expert: str = "mlp.experts.{}."
    shared: str = "mlp.shared_experts."


LLAMA = Names(
    embed="model.embed_tokens.weight",
    last_norm="model.norm.weight",
    head="lm_head.weight",
    layer="model.layers.{}.",
    attention_norm="input_layernorm.weight",
    ffn_norm="post_attention_layernorm.weight",
    q="self_attn.q_proj",
    k="self_attn.k_proj",
    v="self_attn.v_proj",
    o="self_attn.o_proj",
    gate="mlp.gate_proj",
    up="mlp.up_proj",
    down="mlp.down_proj",
    q_norm="self_attn.q_norm.weight",
    k_norm="self_attn.k_norm.weight",
)
"""Of Llama, Qwen2 and Qwen3 in transformers, and of what grew out of them."""

LLADA = Names(
    embed="model.transformer.wte.weight",
    last_norm="model.transformer.ln_f.weight",
    head="model.transformer.ff_out.weight",
    layer="model.transformer.blocks.{}.",
    attention_norm="attn_norm.weight",
    ffn_norm="ff_norm.weight",
    q="q_proj",
    k="k_proj",
    v="v_proj",
    o="attn_out",
    gate="ff_proj",
    up="up_proj",
    down="ff_out",
)
"""Of LLaDA (arXiv 2502.09992), which grew out of OLMo."""

LLADA2 = Names(
    embed="model.word_embeddings.weight",
    last_norm="model.norm.weight",
    head="lm_head.weight",
    layer="model.layers.{}.",
    attention_norm="input_layernorm.weight",
    ffn_norm="post_attention_layernorm.weight",
    q="none",
    k="none",
    v="none",
    o="attention.dense",
    gate="mlp.gate_proj",
    up="mlp.up_proj",
    down="mlp.down_proj",
    q_norm="attention.query_layernorm.weight",
    k_norm="attention.key_layernorm.weight",
    qkv="attention.query_key_value",
)
"""Of LLaDA2.x (arXiv 2512.15745), which grew out of Ling."""
