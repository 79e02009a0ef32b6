"""Counting tokens as the model does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.report import CountTokens
from lsp_server.context.tokens import CHARS_PER_TOKEN
from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.store.files import require


def counter(model: str = DEFAULT_MODEL) -> tuple[CountTokens, bool]:
    """What counts, and whether exactly: without the model's files tokens are estimated from the length."""
    try:
        gguf = require(model)
    except RemaskError:
        return estimate, False
    return _exact(gguf), True


def estimate(texts: Sequence[str]) -> list[int]:
    """About so many tokens."""
    return [round(len(text) / CHARS_PER_TOKEN) for text in texts]


def _exact(gguf: Path) -> CountTokens:
    from tokenizers import Tokenizer

    from lsp_server.engine.runtime.prepare import load_tokenizer_file

    with TemporaryDirectory() as folder:
        tokenizer = Tokenizer.from_file(str(load_tokenizer_file(gguf, Path(folder))))

    def count(texts: Sequence[str]) -> list[int]:
        return [
            len(encoding.ids)
            for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ]

    return count
