"""Dream 7B (arXiv 2508.15487), Dream-Coder 7B (arXiv 2509.01142) and DiffuCoder 7B (arXiv 2506.20639).

A Qwen2 that sees both sides; the logits keep the shift of its autoregressive parent. The checkpoints
name the same class, and differ in what they call their padding, which ends a fill.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Kind, architecture_of, id_of, ids_of
from lsp_server.engine.runtime.families.layout import InPlace, chat_ml
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

CONTEXT = 2048
"""Positions that the checkpoints were trained on."""
ENDS = ("<|endoftext|>", "<|im_end|>", "<|dlm_pad|>")


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    return Family(
        name="dream",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "<|mask|>", published=151_666),
        ends=ids_of(config, "eos_token_id", vocabulary, *ENDS),
        facts=Facts(shift=True, max_context=CONTEXT),
        layout=InPlace(
            vocabulary,
            chat_ml(vocabulary),
            room=CONTEXT - 256,
            start=vocabulary.known_id("<|beginoftext|>"),
            file_sep=vocabulary.known_id("<|file_sep|>"),
        ),
    )


def resizes(config: Config, vocabulary: Vocabulary) -> bool:
    """Whether the checkpoint is one that was taught to expand."""
    return "expand_token_id" in config or vocabulary.known_id("<|expand|>") is not None


KIND = Kind(
    "dream",
    lambda config, vocabulary: architecture_of(config) == "DreamModel" and not resizes(config, vocabulary),
    family,
)
