"""Transformers' autoregressive `generate` of the base, on weights that the engine has loaded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor
from transformers import Qwen2Config, Qwen2ForCausalLM, StoppingCriteria, StoppingCriteriaList

from benchmark.problems import Problem
from benchmark.users.sides import Answer, Work
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.decoder import TorchStack
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.linear import DenseLinear
from lsp_server.engine.runtime.weights import Weights


class Generate:
    """Static batches: the next lines of all editors are one padded batch, over when its last line is."""

    def __init__(self, loaded: Model) -> None:
        self._family = loaded.family
        self._model = transformers_model(loaded.network.weights)
        self._line_break = _LineBreak(self._family, self._model.device)

    def answers(self, work: Work) -> list[Answer]:
        """See `Side.answers`."""
        batches = ([problem for problem in batch if problem] for batch in zip_longest(*work))
        return [answer for batch in batches for answer in self._batch(batch)]

    def close(self) -> None:
        """See `Side.close`."""
        del self._model

    @torch.inference_mode()
    def _batch(self, problems: Sequence[Problem]) -> list[Answer]:
        started = time.perf_counter()
        family, device = self._family, self._model.device
        prompts = [family.fim(problem.prefix, problem.suffix) for problem in problems]
        rows = [[*prompt.context, prompt.last] for prompt in prompts]
        longest = max(map(len, rows))
        pad = min(family.ends)
        ids = torch.tensor([[pad] * (longest - len(row)) + row for row in rows], device=device)
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=device)
        out = self._model.generate(
            ids,
            attention_mask=mask,
            do_sample=False,
            max_new_tokens=problems[0].ask.max_tokens,
            eos_token_id=sorted(family.ends),
            pad_token_id=pad,
            stopping_criteria=StoppingCriteriaList([self._line_break]),
        )
        written = [self._cut(row) for row in out[:, longest:].tolist()]
        ms = (time.perf_counter() - started) * 1000
        decode = family.vocabulary.decode
        return [
            Answer(problem, decode(tokens).partition("\n")[0], len(tokens), ms)
            for problem, tokens in zip(problems, written, strict=True)
        ]

    def _cut(self, tokens: Sequence[int]) -> list[int]:
        """Tokens up to the first that ends the line, which like the engine's is not counted."""
        kept: list[int] = []
        for token in tokens:
            if token in self._family.ends or b"\n" in self._family.vocabulary.bytes_of(token):
                break
            kept.append(token)
        return kept


class _LineBreak(StoppingCriteria):
    """A row is over at its first line break."""

    def __init__(self, family: FimFamily, device: torch.device) -> None:
        bytes_of = family.vocabulary.bytes_of
        rows = family.vocabulary.size
        self._breaks = torch.tensor([b"\n" in bytes_of(token) for token in range(rows)], device=device)

    def __call__(self, input_ids: Tensor, _scores: Tensor, **_: object) -> Tensor:
        return self._breaks[input_ids[:, -1]]


def transformers_model(weights: Weights) -> Any:  # noqa: ANN401 -- its methods are typed for no caller
    """The base as transformers computes it, of the same type and on the same device.

    Raises:
        TypeError: the weights are not torch's own floats.
    """
    a, base, head = weights.architecture, weights.base, weights.head
    if not isinstance(base, TorchStack) or not isinstance(head, DenseLinear):
        raise TypeError("only what torch computes in floats can be generated with")
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
        bos_token_id=None,
        eos_token_id=None,
    )
    state = {"model.embed_tokens.weight": head.weight, "model.norm.weight": weights.last_norm}
    for index in base.parts:
        state |= _layer(base, index)
    model: Any = Qwen2ForCausalLM(config)
    model = model.to(device=weights.device, dtype=weights.dtype).eval()
    model.load_state_dict(state, strict=False)
    model.tie_weights()
    return model


def _layer(base: TorchStack, index: int) -> dict[str, Tensor]:
    a, layer, at = base.decoder.architecture, base.parts[index], f"model.layers.{index}"
    qkv, o, gate_up, down = layer.qkv, layer.o, layer.gate_up, layer.down
    if not all(isinstance(part, DenseLinear) for part in (qkv, o, gate_up, down)):
        raise TypeError("only what torch computes in floats can be generated with")
    sizes = [a.heads * a.head_dim, a.kv_heads * a.head_dim, a.kv_heads * a.head_dim]
    state: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        for name, part in zip("qkv", getattr(qkv, kind).split_with_sizes(sizes), strict=True):
            state[f"{at}.self_attn.{name}_proj.{kind}"] = part
    for name, part in zip(("gate", "up"), getattr(gate_up, "weight").chunk(2), strict=True):  # noqa: B009 -- a Linear to mypy
        state[f"{at}.mlp.{name}_proj.weight"] = part
    state[f"{at}.self_attn.o_proj.weight"] = getattr(o, "weight")  # noqa: B009 -- likewise
    state[f"{at}.mlp.down_proj.weight"] = getattr(down, "weight")  # noqa: B009 -- likewise
    state[f"{at}.input_layernorm.weight"] = layer.attention_norm
    state[f"{at}.post_attention_layernorm.weight"] = layer.ffn_norm
    return state
