"""The tokenizer of a checkpoint: `tokenizer.json`, or put together from `vocab.json` and `merges.txt`.

The latter is how the checkpoints ship that are a Qwen2 with a tokenizer class of their own; the
pieces are Qwen2's, the tokens they add stand in `tokenizer_config.json`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import read_json

QWEN2_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_BRACKETED = re.compile(r"\|?<.*>\|?")


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of the checkpoint in `folder`.

    Raises:
        ModelCorrupt: its tokenizer's files are missing or not understood.
    """
    try:
        tokenizer = _whole(folder) if (folder / "tokenizer.json").is_file() else _from_parts(folder)
    except ModelCorrupt:
        raise
    except Exception as problem:  # the tokenizers library raises plain Exception
        raise ModelCorrupt(
            f"the tokenizer in {folder} cannot be read: {problem}", hint="Fetch the checkpoint again."
        ) from problem
    return Vocabulary(tokenizer, spaced=_is_spaced(tokenizer))


def _is_spaced(tokenizer: Tokenizer) -> bool:
    """Whether it writes spaces as SentencePiece does, and other bytes by their number (Gemma)."""
    return tokenizer.token_to_id("<0x0A>") is not None


def _whole(folder: Path) -> Tokenizer:
    content = read_json(folder / "tokenizer.json")
    for token in content.get("added_tokens", ()):
        # so that a text which spells one of them stays text
        token["special"] = token["special"] or bool(_BRACKETED.fullmatch(token["content"]))
    tokenizer: Tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.add_special_tokens(_declared(folder, tokenizer))
    return tokenizer


def _from_parts(folder: Path) -> Tokenizer:
    if not ((folder / "vocab.json").is_file() and (folder / "merges.txt").is_file()):
        raise ModelCorrupt(
            f"there is no tokenizer in {folder}",
            hint="Neither tokenizer.json nor vocab.json and merges.txt are there.",
        )
    tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(_declared(folder, tokenizer))
    return tokenizer


def _declared(folder: Path, tokenizer: Tokenizer) -> list[AddedToken]:
    """Tokens that only `tokenizer_config.json` or `added_tokens.json` have, in the order of their ids.

    Raises:
        ModelCorrupt: they do not follow the known ones, so that their ids could not be kept.
    """
    found: dict[int, str] = {}
    if (folder / "added_tokens.json").is_file():
        found |= {int(number): text for text, number in read_json(folder / "added_tokens.json").items()}
    if (folder / "tokenizer_config.json").is_file():
        declared = read_json(folder / "tokenizer_config.json").get("added_tokens_decoder", {})
        found |= {int(number): str(token["content"]) for number, token in declared.items()}
    new = {number: text for number, text in found.items() if tokenizer.token_to_id(text) is None}
    first = tokenizer.get_vocab_size()
    if sorted(new) != list(range(first, first + len(new))):
        raise ModelCorrupt(f"the added tokens in {folder} do not follow its vocabulary of {first:,} tokens")
    return [AddedToken(new[number], special=True, normalized=False) for number in sorted(new)]
