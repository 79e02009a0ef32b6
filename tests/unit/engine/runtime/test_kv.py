"""The exact context cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
import torch

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.kv import KV, ContextCache, agreement

CPU = torch.device("cpu")
Result = TypeVar("Result")


def cache(architecture: Architecture, **limits: int) -> ContextCache:
    return ContextCache(architecture, torch.float32, CPU, **limits)


def pretend_read(kv: KV, tokens: list[int]) -> None:
    """Write each token's number as its key, as reading would."""
    new = tokens[len(kv.tokens) :]
    kv.reserve(len(tokens))
    for token in new:
        kv.keys[:, len(kv.tokens)] = token
        kv.tokens.append(token)


@pytest.mark.parametrize(("a", "b", "shared"), [([], [1], 0), ([1, 2], [1, 2, 3], 2), ([1, 2], [1, 3], 1)])
def test_agreement(a: list[int], b: list[int], shared: int) -> None:
    """Leading tokens in common."""
    assert agreement(a, b) == shared


def test_same_document_keeps_what_agrees(architecture: Architecture) -> None:
    """A context that mostly agrees is cut where it stops agreeing and used again."""
    contexts = cache(architecture)
    kv = contexts.open([1, 2, 3, 4])
    pretend_read(kv, [1, 2, 3, 4])
    again = contexts.open([1, 2, 3, 9, 9])
    assert again is kv
    assert again.tokens == [1, 2, 3]


def test_what_is_asked_ahead_costs_no_context(architecture: Architecture) -> None:
    """The shared start is copied where going on in place would lose what was read."""
    contexts = cache(architecture)
    first = contexts.open([1, 2, 3, 4])
    pretend_read(first, [1, 2, 3, 4])
    ahead = contexts.open([1, 2, 3, 9], keep=True)
    assert (ahead.tokens, first.tokens) == ([1, 2, 3], [1, 2, 3, 4])
    assert contexts.open([1, 2, 3, 4, 5], keep=True) is first


def test_another_document_does_not_disturb_the_first(architecture: Architecture) -> None:
    """A context that hardly agrees stays; its shared start is copied, not taken."""
    contexts = cache(architecture)
    first = contexts.open([1, 2, 3, 4])
    pretend_read(first, [1, 2, 3, 4])
    second = contexts.open([1, 7, 8])
    assert second is not first
    assert second.tokens == [1]
    assert second.keys[0, 0, 0, 0] == 1
    assert first.tokens == [1, 2, 3, 4]


def test_growing_keeps_the_valid_positions(architecture: Architecture) -> None:
    """More room does not lose what was read."""
    kv = KV(architecture, torch.float32, CPU)
    pretend_read(kv, list(range(1, 200)))
    kv.reserve(5000)
    assert kv.keys[0, :199, 0, 0].tolist() == list(range(1, 200))


def test_memory_is_bounded(architecture: Architecture) -> None:
    """The least recently used context goes first, the current one never."""
    contexts = cache(architecture, max_contexts=2)
    for start in (10, 20, 30):
        pretend_read(contexts.open([start, start + 1]), [start, start + 1])
    assert contexts.open([10, 11]).tokens == []
    small = cache(architecture, max_bytes=1)
    kv = small.open([1])
    pretend_read(kv, [1])
    pretend_read(small.open([5, 6]), [5, 6])
    assert small.open([5, 6]).tokens == [5, 6]
    assert small.open([1]).tokens == []


def elsewhere(work: Callable[[], Result]) -> Result:
    """What `work` gives on another thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result(60)


def test_a_context_that_another_fills_with_is_copied(architecture: Architecture) -> None:
    """Neither cut nor used; given back it is anybody's."""
    contexts = cache(architecture)
    first = contexts.open([1, 2, 3, 4])
    pretend_read(first, [1, 2, 3, 4])
    second = elsewhere(lambda: contexts.open([1, 2, 3, 4, 5]))
    assert second is not first
    assert (second.tokens, first.tokens) == ([1, 2, 3, 4], [1, 2, 3, 4])
    contexts.release()
    assert elsewhere(lambda: contexts.open([1, 2, 3, 9])) is first


def test_only_what_will_not_change_is_copied_from_a_fill(architecture: Architecture) -> None:
    """What stands behind its context is written anew while it goes on."""
    contexts = cache(architecture)
    first = contexts.open([1, 2])
    pretend_read(first, [1, 2, 3, 4])
    assert elsewhere(lambda: contexts.open([1, 2, 3, 4, 5])).tokens == [1, 2]


def test_a_context_that_is_filled_with_is_not_evicted(architecture: Architecture) -> None:
    """The bound gives way to it, and holds again once it is given back."""
    contexts = cache(architecture, max_contexts=1)
    first = contexts.open([1, 2])
    pretend_read(first, [1, 2])

    def two_more() -> None:
        for start in (10, 20):
            pretend_read(contexts.open([start]), [start])
        contexts.release()

    elsewhere(two_more)
    assert contexts.open([1, 2]) is first
    assert len(contexts._contexts) == 1


def test_any_number_of_threads_may_open(architecture: Architecture) -> None:
    """Under load every context holds what its own thread read, and is no other's."""
    contexts = cache(architecture, max_contexts=4)
    everybody = threading.Barrier(6)

    def work(number: int) -> bool:
        everybody.wait(60)
        right = True
        for turn in range(60):
            tokens = [1, 2, 3, 4 + (number + turn) % 3, 9, turn % 5]
            kv = contexts.open(tokens)
            pretend_read(kv, tokens)
            kv.reserve(len(tokens) + turn * 16)
            right &= kv.tokens == tokens and kv.keys[0, :6, 0, 0].tolist() == tokens
            contexts.release()
        return right

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(work, range(6)))
