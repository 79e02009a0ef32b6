"""SDAR (arXiv 2510.06303) and TraDo (arXiv 2509.06949): a Qwen3 in small blocks, no shift.

Taught to chat, not to infill: a fill is asked for in words.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Kind, architecture_of, id_of, ids_of
from lsp_server.engine.runtime.families.layout import Asked, chat_ml
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

CONTEXT = 8192
BLOCK = 4
"""Where the config does not say: that of the checkpoints without a size in their name."""


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    block = int(config.get("block_size") or config.get("block_length") or BLOCK)
    return Family(
        name="sdar",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "<|MASK|>", "<|mask|>", published=151_669),
        ends=ids_of(config, "eos_token_id", vocabulary, "<|endoftext|>", "<|im_end|>"),
        facts=Facts(shift=False, block=block, max_context=CONTEXT),
        layout=Asked(vocabulary, chat_ml(vocabulary), room=CONTEXT - 1024),
    )


KIND = Kind(
    "sdar",
    lambda config, _: architecture_of(config) in {"SDARForCausalLM", "SDARMoeForCausalLM"},
    family,
)
