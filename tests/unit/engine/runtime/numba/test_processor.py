"""What is offered where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lsp_server.engine.runtime.numba import processor


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    processor.lanes.cache_clear()
    yield
    processor.lanes.cache_clear()


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("+avx512f,+avx512vl,+avx512vnni,+fma", 16),
        ("+avx2,+fma,+avxvnni", 8),
        ("+avx512vnni,-avx512vl,+avxvnni,+fma", 8),
        ("+avx2,+fma", 0),
        ("+avx2,+fma,-avxvnni,-avx512vnni", 0),
    ],
)
def test_vectors_are_as_wide_as_byte_products(
    monkeypatch: pytest.MonkeyPatch, features: str, expected: int
) -> None:
    """512 bits where `vpdpbusd` has them, else 256, else nothing."""
    monkeypatch.setenv("NUMBA_CPU_FEATURES", features)
    assert processor.lanes() == expected


def test_without_numba_nothing_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processors have no such package, and the other frameworks are used."""
    monkeypatch.setattr(processor, "find_spec", lambda name: None)
    assert processor.lanes() == 0
