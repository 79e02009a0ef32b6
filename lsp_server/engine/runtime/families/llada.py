"""LLaDA 8B (arXiv 2502.09992): trained from scratch to see both sides, no shift."""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Kind, architecture_of, id_of, ids_of
from lsp_server.engine.runtime.families.layout import Chat, InPlace
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config
from lsp_server.engine.runtime.whole.names import LLADA
from lsp_server.engine.runtime.whole.shape import llada_shape_of

CONTEXT = 4096
STRIDE = 32
"""Positions of the authors' semi-autoregressive decoding, and of Fast-dLLM's."""


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    start = vocabulary.known_id("<|startoftext|>")
    chat = Chat(
        vocabulary,
        start=("<|startoftext|>",),
        turn=("<|start_header_id|>", "{role}", "<|end_header_id|>", "\n\n{text}", "<|eot_id|>"),
        answer=("<|start_header_id|>", "assistant", "<|end_header_id|>", "\n\n"),
    )
    return Family(
        name="llada",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "<|mdm_mask|>", published=126_336),
        ends=ids_of(config, "eos_token_id", vocabulary, "<|endoftext|>", "<|eot_id|>"),
        facts=Facts(shift=False, stride=STRIDE, max_context=CONTEXT),
        layout=InPlace(vocabulary, chat, room=CONTEXT - 256, start=start),
    )


KIND = Kind(
    "llada",
    lambda config, _: architecture_of(config) == "LLaDAModelLM",
    family,
    names=LLADA,
    shape=llada_shape_of,
)
