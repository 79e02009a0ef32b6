"""DiffusionGemma 26B: canvases of 256 random tokens behind a causal context; no mask.

Taught to chat, not to infill: a fill is asked for in words.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Noise, ids_of
from lsp_server.engine.runtime.families.layout import Asked, Chat
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

CONTEXT = 8192
CANVAS = 256


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    text = config.get("text_config") or {}
    opens, closes = (
        ("<|turn>", "<turn|>")
        if vocabulary.known_id("<|turn>") is not None
        else ("<start_of_turn>", "<end_of_turn>")
    )
    chat = Chat(
        vocabulary,
        start=("<bos>",),
        turn=(opens, "{role}\n{text}", closes, "\n"),
        answer=(opens, "model\n"),
    )
    return Family(
        name="diffusion-gemma",
        vocabulary=vocabulary,
        mask=None,
        ends=ids_of(text, "eos_token_id", vocabulary, "<eos>", closes),
        facts=Facts(block=int(config.get("canvas_length") or CANVAS), max_context=CONTEXT, noise=Noise()),
        layout=Asked(vocabulary, chat, room=CONTEXT - 1024),
    )
