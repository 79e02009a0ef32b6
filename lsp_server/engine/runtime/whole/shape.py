"""The sizes of a checkpoint's network, from its config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.whole.checkpoint import Config


@dataclass(frozen=True, slots=True)
class Routing:
    """How a token's experts are chosen (arXiv 2401.06066), and in which layers there are any.

    `scoring` is of the router's logits; of `groups` of experts only the best `kept_groups` are looked at.
    """

    experts: int
    chosen: int
    scoring: Literal["softmax", "sigmoid"]
    groups: int = 1
    kept_groups: int = 1
    scale: float = 1.0
    normalised: bool = True
    first_layer: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """`architecture` has what every decoder has; `rotary_dim` of a head's dimensions turn."""

    architecture: Architecture
    rotary_dim: int
    routing: Routing | None = None


def shape_of(config: Config) -> Shape:
    """The shape of a checkpoint with this config, in the words of transformers.

    Raises:
        ModelCorrupt: a size is missing, or it asks for something that is not computed here.
    """
    try:
        heads, dim = int(config["num_attention_heads"]), int(config["hidden_size"])
        head_dim = int(config.get("head_dim") or dim // heads)
        architecture = Architecture(
            layers=int(config["num_hidden_layers"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=head_dim,
            dim=dim,
            ff_dim=int(config["intermediate_size"]),
            vocab=int(config["vocab_size"]),
            norm_eps=float(config.get("rms_norm_eps", 1e-6)),
            rope_theta=_theta(config),
        )
        share = float(config.get("partial_rotary_factor") or 1.0)
        return Shape(architecture, round(head_dim * share), _routing(config))
    except (KeyError, TypeError, ValueError) as problem:
        raise ModelCorrupt(f"the checkpoint's config lacks sizes: {problem!r}") from problem


def llada_shape_of(config: Config) -> Shape:
    """The same for LLaDA's config, which has OLMo's words."""
    try:
        heads, dim = int(config["n_heads"]), int(config["d_model"])
        architecture = Architecture(
            layers=int(config["n_layers"]),
            heads=heads,
            kv_heads=int(config.get("n_kv_heads") or heads),
            head_dim=dim // heads,
            dim=dim,
            ff_dim=int(config.get("mlp_hidden_size") or int(config["mlp_ratio"]) * dim),
            vocab=int(config.get("embedding_size") or config["vocab_size"]),
            norm_eps=float(config.get("rms_norm_eps", 1e-5)),
            rope_theta=float(config.get("rope_theta", 10_000.0)),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ModelCorrupt(f"the checkpoint's config lacks sizes: {problem!r}") from problem
    if config.get("block_type", "llama") != "llama" or not config.get("rope", True):
        raise ModelCorrupt("of LLaDA only Llama blocks with rotary positions are computed here")
    return Shape(architecture, architecture.head_dim)


def _theta(config: Config) -> float:
    parameters = config.get("rope_parameters") or {}
    scaling = config.get("rope_scaling") or parameters
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind != "default":
        raise ModelCorrupt(f"rotary positions scaled by {kind!r} are not computed here")
    return float(parameters.get("rope_theta") or config.get("rope_theta") or 10_000.0)


def _routing(config: Config) -> Routing | None:
    experts = config.get("num_experts") or config.get("num_local_experts")
    if not experts:
        return None
    sigmoid = "n_group" in config
    return Routing(
        experts=int(experts),
        chosen=int(config["num_experts_per_tok"]),
        scoring="sigmoid" if sigmoid else "softmax",
        groups=int(config.get("n_group") or 1),
        kept_groups=int(config.get("topk_group") or 1),
        scale=float(config.get("routed_scaling_factor") or 1.0),
        normalised=bool(config.get("norm_topk_prob", True)),
        first_layer=int(config.get("first_k_dense_replace") or 0),
    )
