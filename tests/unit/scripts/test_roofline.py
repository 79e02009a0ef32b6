"""What a pass must do at least: arithmetic, on a shape that can be counted by hand."""

from __future__ import annotations

import pytest
from benchmark.roofline.work import Rates, Work, work_of_pass

from lsp_server.engine.runtime.architecture import QWEN2_0_5B, Architecture

SHAPE = Architecture(layers=2, heads=2, kv_heads=1, head_dim=4, dim=8, ff_dim=16, vocab=100)
LAYER = 8 * 16 + 8 * 8 + 3 * 8 * 16
"""Weights of a layer: query, key and value; output; gate, up and down."""


def _work(**changes: float) -> Work:
    given = {"rows": 3, "context": 10, "head_rows": 3, "scored": 100, "weight_bytes": 1, "kv_bytes": 4}
    return work_of_pass(SHAPE, **(given | changes))  # type: ignore[arg-type]


def test_bytes_are_weights_and_cache() -> None:
    """Every weight once, and keys and values of all positions seen."""
    assert _work().bytes == 2 * LAYER + 100 * 8 + 4 * 2 * 2 * 4 * 13
    assert _work(weight_bytes=2).bytes - _work().bytes == 2 * LAYER + 100 * 8
    assert _work(head_rows=0).bytes == _work().bytes - 100 * 8


def test_operations_are_products_and_attention() -> None:
    """Two for each weight and row; scores and sums over all positions seen."""
    attention = 2 * 2 * 3 * 13 * 2 * 4
    assert _work().operations == 2 * (2 * 3 * LAYER + attention) + 2 * 3 * 100 * 8
    assert _work(scored=10).operations == _work().operations - 2 * 3 * 90 * 8


def test_the_default_network_has_the_weights_it_is_named_for() -> None:
    """About half a thousand million with its head."""
    work = work_of_pass(
        QWEN2_0_5B, rows=1, context=0, head_rows=1, scored=QWEN2_0_5B.vocab, weight_bytes=1, kv_bytes=0
    )
    assert work.bytes == pytest.approx(0.494e9, rel=0.01)


@pytest.mark.parametrize(("operations", "ms", "bound"), [(1e6, 2.0, "memory"), (1e7, 10.0, "arithmetic")])
def test_the_slower_of_both_holds_a_pass_up(operations: float, ms: float, bound: str) -> None:
    """The ideal time is the larger, not the sum."""
    rates = Rates(bytes_s=1e9, operations_s=1e9)
    work = Work(2e6, operations)
    assert work.ideal_ms(rates) == pytest.approx(ms)
    assert work.bound(rates) == bound
