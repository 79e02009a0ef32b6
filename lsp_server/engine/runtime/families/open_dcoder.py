"""Open-dCoder 0.5B (github.com/pengzhangzhi/Open-dLLM): a Qwen2.5-Coder that sees both sides, logits shifted.

Its config is a plain Qwen2's; the mask that its tokenizer has gives it away.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Kind, architecture_of, id_of, ids_of
from lsp_server.engine.runtime.families.layout import InPlace, chat_ml
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

CONTEXT = 4096


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    return Family(
        name="open-dcoder",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "<M>", "<|mask|>"),
        ends=ids_of(config, "eos_token_id", vocabulary, "<|endoftext|>", "<|im_end|>"),
        facts=Facts(shift=True, max_context=CONTEXT),
        layout=InPlace(
            vocabulary,
            chat_ml(vocabulary),
            room=CONTEXT - 256,
            file_sep=vocabulary.known_id("<|file_sep|>"),
        ),
    )


KIND = Kind(
    "open-dcoder",
    lambda config, vocabulary: (
        architecture_of(config) == "Qwen2ForCausalLM" and vocabulary.known_id("<M>", "<|mask|>") is not None
    ),
    family,
)
