"""Stable-DiffCoder 8B (arXiv 2601.15892): Seed-Coder, which is a Llama, in blocks of 4, no shift.

Its infilling prompt, suffix first, is Seed-Coder's (arXiv 2506.03524); how well it survived the
training to denoise is not published.
"""

from __future__ import annotations

from lsp_server.engine.runtime.families.family import Facts, Family, Kind, architecture_of, id_of, ids_of
from lsp_server.engine.runtime.families.layout import Chat, SuffixFirst
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

CONTEXT = 8192
BLOCK = 4
START, END = "<[begin▁of▁sentence]>", "<[end▁of▁sentence]>"


def family(config: Config, vocabulary: Vocabulary) -> Family:
    """See `family.Kind`."""
    chat = Chat(
        vocabulary,
        turn=(START, "{role}\n{text}", END),
        answer=(START, "assistant\n"),
    )
    layout = SuffixFirst(
        vocabulary,
        chat,
        room=CONTEXT - 1024,
        suffix=vocabulary.special_id("<[fim-suffix]>"),
        prefix=vocabulary.special_id("<[fim-prefix]>"),
        middle=vocabulary.special_id("<[fim-middle]>"),
    )
    return Family(
        name="stable-diffcoder",
        vocabulary=vocabulary,
        mask=id_of(config, "mask_token_id", vocabulary, "<[MASK_TOKEN]>"),
        ends=ids_of(config, "eos_token_id", vocabulary, END, "<[PAD▁TOKEN]>"),
        facts=Facts(shift=False, block=BLOCK, max_context=CONTEXT),
        layout=layout,
    )


KIND = Kind(
    "stable-diffcoder",
    lambda config, _: architecture_of(config).casefold().startswith("stablediffcoder"),
    family,
)
