"""Fast-dLLM v2 (arXiv 2509.26328): a Qwen2.5 in blocks of 32, denoised in parts of 8, logits shifted.

The first token of a block is predicted by the block before it. Taught to chat, not to infill: a fill
is asked for in words.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Kind, architecture_of, id_of, ids_of
from lsp_server.engine.runtime.families.layout import Asked, chat_ml
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

CONTEXT = 4096
BLOCK = 32
PART = 8


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    return Family(
        name="fast-dllm",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "|<MASK>|", published=151_665),
        ends=ids_of(config, "eos_token_id", vocabulary, "<|endoftext|>", "<|im_end|>"),
        facts=Facts(shift=True, block=int(config.get("bd_size") or BLOCK), stride=PART, max_context=CONTEXT),
        layout=Asked(vocabulary, chat_ml(vocabulary), room=CONTEXT - 1024),
    )


KIND = Kind("fast-dllm", lambda config, _: architecture_of(config) == "Fast_dLLM_QwenForCausalLM", family)
