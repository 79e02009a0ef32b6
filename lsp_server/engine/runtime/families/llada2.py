"""LLaDA2.0 and 2.1 (arXiv 2512.15745): experts, blocks of 32 that see what is before them, no shift.

Taught to chat, not to infill: a fill is asked for in words. The editing of committed tokens that 2.1
was taught besides, and the inserting and deleting of 2.2, are not used.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Kind, architecture_of, id_of, ids_of
from lsp_server.engine.runtime.families.layout import Asked, Chat
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config
from lsp_server.engine.runtime.whole.names import LLADA2

CONTEXT = 8192
BLOCK = 32
THRESHOLD = 0.95


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    chat = Chat(
        vocabulary,
        turn=("<role>", "{role}", "</role>", "{text}", "<|role_end|>"),
        answer=("<role>", "ASSISTANT", "</role>"),
        system="SYSTEM",
        user="HUMAN",
    )
    return Family(
        name="llada2",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "<|mask|>", published=156_895),
        ends=ids_of(config, "eos_token_id", vocabulary, "<|endoftext|>", "<|role_end|>"),
        facts=Facts(shift=False, block=BLOCK, threshold=THRESHOLD, max_context=CONTEXT),
        layout=Asked(vocabulary, chat, room=CONTEXT - 1024),
    )


KIND = Kind("llada2", lambda config, _: architecture_of(config) == "LLaDA2MoeModelLM", family, names=LLADA2)
