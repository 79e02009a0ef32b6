"""DreamOn 7B: Dream-Coder with a canvas that finds its own length (github.com/DreamLM/DreamOn).

A position where the model says `<|expand|>` becomes two masks; one where it says the end of text
vanishes. So the end of text ends nothing here.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families import dream
from lsp_server.engine.runtime.families.family import Facts, Family, Kind, Resizing, architecture_of, id_of
from lsp_server.engine.runtime.families.layout import InPlace, chat_ml
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

CANVAS = 32
"""Masks to begin with: with 32 and 64 the authors' pass@1 is best (91.6, 92.1), and 32 costs half."""


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    end = id_of(config, "eos_token_id", vocabulary, "<|endoftext|>")
    resizing = Resizing(
        expand=id_of(config, "expand_token_id", vocabulary, "<|expand|>"),
        delete=int(config.get("delete_token_id") or end),
    )
    return Family(
        name="dreamon",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "<|mask|>", published=151_666),
        ends=frozenset(),
        facts=Facts(shift=True, canvas=(CANVAS,), resizing=resizing, max_context=dream.CONTEXT),
        layout=InPlace(
            vocabulary,
            chat_ml(vocabulary),
            room=dream.CONTEXT - 256,
            start=vocabulary.known_id("<|beginoftext|>"),
            end=end,
            file_sep=vocabulary.known_id("<|file_sep|>"),
        ),
    )


KIND = Kind(
    "dreamon",
    lambda config, vocabulary: architecture_of(config) == "DreamModel" and dream.resizes(config, vocabulary),
    family,
)
