"""The worker's fill, on a stand-in for llama-cpp-python."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from benchmark import llama_worker

END = 0
SPECIAL = {"<|fim_prefix|>": 1, "<|fim_suffix|>": 2, "<|fim_middle|>": 3, "<|im_start|>": 4, "<|im_end|>": 5}


class _Llama:
    """One token a byte, numbered from 10."""

    model = object()

    def __init__(self, says: bytes, *, ends: bool = True) -> None:
        self.says = [10 + byte for byte in says] + ([END] if ends else [])
        self.input_ids = np.zeros(64, dtype=np.intc)
        self.n_tokens = 0

    def tokenize(self, text: bytes, *, add_bos: bool, special: bool) -> list[int]:
        assert not add_bos
        return [SPECIAL[text.decode()]] if special else [10 + byte for byte in text]

    def detokenize(self, tokens: Sequence[int], *, special: bool) -> bytes:
        return bytes(token - 10 for token in tokens)

    def generate(self, prompt: Sequence[int], **options: float) -> Iterator[int]:
        assert options["temp"] == 0
        self.n_tokens = len(prompt)
        self.input_ids[: len(prompt)] = prompt
        yield from self.says


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(
        llama_model_get_vocab=lambda _: None, llama_vocab_is_eog=lambda _, token: token == END
    )
    monkeypatch.setitem(sys.modules, "llama_cpp", module)


@pytest.mark.parametrize(
    ("says", "limit", "text", "tokens"),
    [
        (b"ab", 9, "ab", 3),
        (b"ab\ncd", 9, "ab", 3),
        (b"abcdef", 4, "abcd", 4),
        ("é".encode()[:1], 1, "\ufffd", 1),
        (b"", 9, "", 1),
    ],
)
def test_fill_ends_at_a_line_break_the_models_end_or_the_limit(
    says: bytes, limit: int, text: str, tokens: int
) -> None:
    """The text is one line; every token asked for is counted, the last one too."""
    answer = llama_worker.answered(_Llama(says), prefix="p", suffix="s", max_tokens=limit, max_lines=1)
    assert (answer["text"], answer["tokens"], answer["forwards"]) == (text, tokens, tokens - 1)


def test_prompt_is_remasks() -> None:
    """Prefix, suffix, middle; text that spells a special token would stay text."""
    assert llama_worker.fim_tokens(_Llama(b""), "p", "s") == [1, 10 + ord("p"), 2, 10 + ord("s"), 3]


def test_cached_tokens_are_those_shared_with_the_last_prompt() -> None:
    """Nothing at first, then as far as the two prompts agree."""
    llama = _Llama(b"x")
    asked = [{"prefix": prefix, "suffix": "s", "max_tokens": 9} for prefix in ("abc", "abd", "abd")]
    answers = [llama_worker.answered(llama, **each) for each in asked]
    assert [answer["cached"] for answer in answers] == [0, 3, 7]


def test_a_chat_is_laid_out_in_turns() -> None:
    """The last turn is left open for the answer."""
    tokens = llama_worker.chat_tokens(_Llama(b""), [("s", "x"), ("a", "y")])
    assert tokens == [
        4,
        *(10 + byte for byte in b"s\nx"),
        5,
        10 + ord("\n"),
        4,
        *(10 + byte for byte in b"a\ny"),
    ]


@pytest.mark.parametrize(
    ("text", "limits", "kept"),
    [
        ("ab\ncd", {"max_lines": 1}, "ab"),
        ("ab\ncd\nef", {"max_lines": 2}, "ab\ncd"),
        ("\n\nab\ncd", {"max_lines": 1}, ""),
        ("\n\nab\ncd", {"max_lines": 1, "skip_blank": True}, "\n\nab"),
        ("    ab\n\ncd", {"min_indent": 4}, "    ab"),
        ("ab\n```\n", {"marker": "\n```"}, "ab"),
        ("first\nreturn total\n", {"behind": "\nreturn total\n"}, "first"),
        ("first\nreturn total", {"behind": "return total\n"}, None),
        ("first\n)\n", {"behind": ")\n"}, None),
        ("ab\ncd", {}, None),
    ],
)
def test_texts_end_as_remasks_do(text: str, limits: dict[str, Any], kept: str | None) -> None:
    """At so many lines, at an outer line, at a marker, at what stands behind the hole; else not."""
    end = llama_worker.end_of(text, **limits)
    assert (None if end is None else text[:end]) == kept
