"""Text and tokens: the tokenizer, the bytes of each token, and tokens that fit what is already typed."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from lsp_server.core.errors import ModelCorrupt


class Vocabulary:
    """A byte-level BPE tokenizer (as GPT-2's). Special tokens have no text.

    A `spaced` one has SentencePiece's pieces: text, with ``\u2581`` for a space and ``<0x0A>`` for a byte.
    """

    def __init__(self, tokenizer: Tokenizer, *, spaced: bool = False) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.encode_special_tokens = True  # here: several threads encode
        to_byte = _to_byte()
        added = tokenizer.get_added_tokens_decoder()
        special = {token for token, entry in added.items() if entry.special or entry.content.startswith("<|")}
        self.size = max(tokenizer.get_vocab().values(), default=-1) + 1  # ids may leave gaps
        self._bytes: list[bytes] = [b""] * self.size
        for text, token in tokenizer.get_vocab().items():
            if token not in special and text != f"[PAD{token}]":  # rows that only round the table up
                self._bytes[token] = _piece_bytes(text) if spaced else _token_bytes(text, to_byte)
        self._by_bytes = {piece: token for token, piece in enumerate(self._bytes) if piece}
        self._sorted = sorted(self._by_bytes)
        self.textless = frozenset(token for token, piece in enumerate(self._bytes) if not piece)

    @classmethod
    def from_file(cls, path: Path) -> Vocabulary:
        """Read `tokenizer.json`; raises `ModelCorrupt`."""
        try:
            return cls(Tokenizer.from_file(str(path)))
        except Exception as problem:  # the tokenizers library raises plain Exception
            raise ModelCorrupt(f"{path} is not a tokenizer: {problem}", hint=f"Delete {path}.") from problem

    def encode(self, text: str) -> list[int]:
        """Tokens of plain text. Text that spells a special token stays text."""
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return list(self._tokenizer.encode(clean, add_special_tokens=False).ids)

    def special_id(self, name: str) -> int:
        """The id of a special token; raises `ModelCorrupt` if the tokenizer lacks it."""
        token = self._tokenizer.token_to_id(name)
        if token is None:
            raise ModelCorrupt(f"the tokenizer has no {name}", hint="Run `remask pull`.")
        return int(token)

    def known_id(self, *names: str) -> int | None:
        """The id of the first of these tokens that the tokenizer has, if any."""
        ids = (self._tokenizer.token_to_id(name) for name in names)
        return next((int(token) for token in ids if token is not None), None)

    def bytes_of(self, token: int) -> bytes:
        """The bytes one token stands for; b"" for special tokens and unused ids."""
        return self._bytes[token] if token < self.size else b""

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens; an unfinished character at the end is left out, broken bytes become U+FFFD."""
        data = b"".join(self.bytes_of(token) for token in tokens)
        return _without_unfinished_end(data).decode("utf-8", "replace")

    def fitting(self, typed: bytes) -> list[int]:
        """Tokens that may come next where the text must go on with `typed`.

        A token fits if it begins with `typed`, or `typed` begins with it: the
        half-typed word is not bound to how it would tokenise by itself.
        """
        start = bisect.bisect_left(self._sorted, typed)
        longer = []
        for piece in self._sorted[start:]:
            if not piece.startswith(typed):
                break
            longer.append(self._by_bytes[piece])
        heads = (typed[:length] for length in range(1, len(typed)))
        return longer + [self._by_bytes[head] for head in heads if head in self._by_bytes]


def _byte_characters() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    characters = {byte: chr(byte) for byte in printable}
    others = (byte for byte in range(256) if byte not in characters)
    return characters | {byte: chr(256 + index) for index, byte in enumerate(others)}


def _to_byte() -> dict[int, int]:
    """For `str.translate`: stand-ins become the Latin-1 character of their byte, no other character does."""
    others = dict.fromkeys(range(256), 0xFFFF)
    return others | {ord(character): byte for byte, character in _byte_characters().items()}


def _token_bytes(text: str, to_byte: dict[int, int]) -> bytes:
    try:
        return text.translate(to_byte).encode("latin-1")
    except UnicodeEncodeError:  # an added token that is plain text
        return text.encode()


def _piece_bytes(text: str) -> bytes:
    if len(text) == 6 and text.startswith("<0x") and text.endswith(">"):
        return bytes([int(text[3:5], 16)])
    return text.replace("\u2581", " ").encode()


def _without_unfinished_end(data: bytes) -> bytes:
    """`data` without the first bytes of a UTF-8 sequence that goes on beyond its end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:  # a continuation byte: its head stands further left
            continue
        needed = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        return data[:-back] if needed > back else data
    return data
