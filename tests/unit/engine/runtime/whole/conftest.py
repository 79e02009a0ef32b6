"""Tiny checkpoints of every family, as the hub has the real ones, over a tokenizer trained on a few lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.runtime.whole.load import load_folder

torch.set_num_threads(1)  # threads cost more than they save on tensors this small

LINES = [
    "def area(radius):\n    return math.pi * radius ** 2\n",
    "for item in items:\n    if item > 0:\n        result.append(item)\n",
    "abcdefgh abcdefgh\n",
]
QWEN = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|file_sep|>"]
SPECIAL = {
    "dream": [*QWEN, "<|beginoftext|>", "<|mask|>"],
    "dreamon": [*QWEN, "<|beginoftext|>", "<|mask|>", "<|expand|>"],
    "open-dcoder": [*QWEN, "<M>"],
    "llada": [
        "<|startoftext|>",
        "<|endoftext|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<|eot_id|>",
        "<|mdm_mask|>",
    ],
    "llada2": ["<role>", "</role>", "<|role_end|>", "<|endoftext|>", "<|mask|>"],
    "sdar": [*QWEN, "<|MASK|>"],
    "fast-dllm": [*QWEN, "|<MASK>|"],
    "stable-diffcoder": [
        *("<[begin▁of▁sentence]>", "<[end▁of▁sentence]>", "<[PAD▁TOKEN]>", "<[MASK_TOKEN]>"),
        *("<[fim-suffix]>", "<[fim-prefix]>", "<[fim-middle]>"),
    ],
}
ARCHITECTURE = {
    "dream": "DreamModel",
    "dreamon": "DreamModel",
    "open-dcoder": "Qwen2ForCausalLM",
    "llada": "LLaDAModelLM",
    "llada2": "LLaDA2MoeModelLM",
    "sdar": "SDARForCausalLM",
    "fast-dllm": "Fast_dLLM_QwenForCausalLM",
    "stable-diffcoder": "StableDiffcoderForCausalLM",
}
FAMILIES = list(ARCHITECTURE)
SIZES = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-6,
    "max_position_embeddings": 512,
}
LLADA_SIZES = {
    "d_model": 64,
    "mlp_hidden_size": 96,
    "n_layers": 2,
    "n_heads": 4,
    "n_kv_heads": 4,
    "rms_norm_eps": 1e-5,
    "rope_theta": 500_000.0,
    "block_type": "llama",
    "rope": True,
}
EXPERTS = {
    "num_experts": 8,
    "num_experts_per_tok": 2,
    "num_shared_experts": 1,
    "moe_intermediate_size": 32,
    "n_group": 4,
    "topk_group": 2,
    "routed_scaling_factor": 2.5,
    "first_k_dense_replace": 1,
    "partial_rotary_factor": 0.5,
    "head_dim": 16,
}


def tokenizer_for(family: str) -> Tokenizer:
    """A byte-level BPE with the family's special tokens behind its others, as in the real ones."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES * 3, trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL[family]])
    return tokenizer


def config_for(family: str, vocab: int) -> dict[str, Any]:
    """The family's config with tiny sizes."""
    config: dict[str, Any] = {"architectures": [ARCHITECTURE[family]], "vocab_size": vocab}
    if family == "llada":
        return config | LLADA_SIZES | {"embedding_size": vocab}
    config |= SIZES | {"rope_theta": 10_000.0}
    if family == "llada2":
        config |= EXPERTS
    if family == "sdar":
        config |= {"head_dim": 32}
    if family == "fast-dllm":
        config |= {"bd_size": 32}
    return config


def random_tensors(family: str, config: dict[str, Any], *, seed: int = 0) -> dict[str, Tensor]:
    """Random weights under the names that the family's checkpoints have."""
    generator = torch.Generator().manual_seed(seed)

    def random(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator) * (0.6 / shape[-1] ** 0.5 if len(shape) > 1 else 0.1)

    if family == "llada":
        return _llada(config, random)
    if family == "llada2":
        return _llada2(config, random)
    return _llama(family, config, random)


Random = Callable[..., Tensor]


def _llama(family: str, config: dict[str, Any], random: Random) -> dict[str, Tensor]:
    dim, ff, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    heads, kv = config["num_attention_heads"], config["num_key_value_heads"]
    width = config.get("head_dim", dim // heads)
    qwen2 = family in {"dream", "dreamon", "open-dcoder", "fast-dllm"}
    tensors = {"model.embed_tokens.weight": random(vocab, dim) * 8, "model.norm.weight": 1 + random(dim)}
    if family not in {"open-dcoder", "fast-dllm"}:
        tensors["lm_head.weight"] = random(vocab, dim)
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        for name, rows in (("q", heads * width), ("k", kv * width), ("v", kv * width)):
            tensors[f"{at}self_attn.{name}_proj.weight"] = random(rows, dim)
            if qwen2:
                tensors[f"{at}self_attn.{name}_proj.bias"] = random(rows)
        if family == "sdar":
            for name in ("q", "k"):
                tensors[f"{at}self_attn.{name}_norm.weight"] = 1 + random(width)
        tensors[f"{at}self_attn.o_proj.weight"] = random(dim, heads * width)
        tensors[f"{at}mlp.gate_proj.weight"] = random(ff, dim)
        tensors[f"{at}mlp.up_proj.weight"] = random(ff, dim)
        tensors[f"{at}mlp.down_proj.weight"] = random(dim, ff)
        tensors[f"{at}input_layernorm.weight"] = 1 + random(dim)
        tensors[f"{at}post_attention_layernorm.weight"] = 1 + random(dim)
    return tensors


def _llada(config: dict[str, Any], random: Random) -> dict[str, Tensor]:
    dim, ff, vocab = config["d_model"], config["mlp_hidden_size"], config["vocab_size"]
    at = "model.transformer."
    tensors = {
        f"{at}wte.weight": random(vocab, dim) * 8,
        f"{at}ln_f.weight": 1 + random(dim),
        f"{at}ff_out.weight": random(vocab, dim),
    }
    for layer in range(config["n_layers"]):
        block = f"{at}blocks.{layer}."
        for name in ("q_proj", "k_proj", "v_proj", "attn_out"):
            tensors[f"{block}{name}.weight"] = random(dim, dim)
        tensors[f"{block}ff_proj.weight"] = random(ff, dim)
        tensors[f"{block}up_proj.weight"] = random(ff, dim)
        tensors[f"{block}ff_out.weight"] = random(dim, ff)
        tensors[f"{block}attn_norm.weight"] = 1 + random(dim)
        tensors[f"{block}ff_norm.weight"] = 1 + random(dim)
    return tensors


def _llada2(config: dict[str, Any], random: Random) -> dict[str, Tensor]:
    dim, vocab, width = config["hidden_size"], config["vocab_size"], config["head_dim"]
    heads, kv = config["num_attention_heads"], config["num_key_value_heads"]
    tensors = {
        "model.word_embeddings.weight": random(vocab, dim) * 8,
        "model.norm.weight": 1 + random(dim),
        "lm_head.weight": random(vocab, dim),
    }

    def dense(at: str, ff: int) -> None:
        tensors[f"{at}gate_proj.weight"] = random(ff, dim)
        tensors[f"{at}up_proj.weight"] = random(ff, dim)
        tensors[f"{at}down_proj.weight"] = random(dim, ff)

    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        tensors[f"{at}attention.query_key_value.weight"] = random((heads + 2 * kv) * width, dim)
        tensors[f"{at}attention.query_layernorm.weight"] = 1 + random(width)
        tensors[f"{at}attention.key_layernorm.weight"] = 1 + random(width)
        tensors[f"{at}attention.dense.weight"] = random(dim, heads * width)
        tensors[f"{at}input_layernorm.weight"] = 1 + random(dim)
        tensors[f"{at}post_attention_layernorm.weight"] = 1 + random(dim)
        if layer < config["first_k_dense_replace"]:
            dense(f"{at}mlp.", config["intermediate_size"])
            continue
        tensors[f"{at}mlp.gate.weight"] = random(config["num_experts"], dim) * 4
        tensors[f"{at}mlp.gate.expert_bias"] = random(config["num_experts"])
        for expert in range(config["num_experts"]):
            dense(f"{at}mlp.experts.{expert}.", config["moe_intermediate_size"])
        dense(f"{at}mlp.shared_experts.", config["moe_intermediate_size"])
    return tensors


def write(folder: Path, family: str, *, vocab: int | None = None, **changes: Any) -> Path:  # noqa: ANN401
    """A checkpoint of the family in `folder`, in random weights."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_for(family)
    config = config_for(family, vocab or tokenizer.get_vocab_size() + 5) | changes
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps(config))
    save_file(random_tensors(family, config), folder / "model.safetensors")
    return folder


@pytest.fixture
def checkpoint(tmp_path: Path) -> Callable[..., Path]:
    """Writes a family's checkpoint into a folder of its own."""
    return lambda family, **changes: write(tmp_path / family, family, **changes)


@pytest.fixture
def loaded(checkpoint: Callable[..., Path]) -> Callable[..., Any]:
    """Loads a family's checkpoint in fp32."""

    def load(family: str, *, precision: str = "fp32", **changes: Any) -> Any:  # noqa: ANN401
        settings = EngineSettings(precision=precision, device="cpu", threads=1)  # type: ignore[arg-type]
        return load_folder(checkpoint(family, **changes), family, lambda *_: None, settings=settings)

    return load
