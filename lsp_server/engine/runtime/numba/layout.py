"""Sizes and places that callers and kernels agree on; none of it needs Numba."""

from __future__ import annotations

from typing import NamedTuple

from lsp_server.engine.runtime.numba.processor import lanes

LANES = lanes() or 8
"""Numbers in fp32 of a vector."""
PANEL = 2 * LANES
"""Outputs that are computed together: two vectors, whose weights lie side by side."""
GROUP = 128
"""Inputs that share a scale."""
LINE = 64
"""Bytes of a cache line."""
ROWS_TOGETHER = 4
"""Rows of a task of attention, so that each panel of keys is made once for all their queries."""
LAYERS, PRODUCT = 0, 1
"""What a pass is."""
LAYER_PHASES, PRODUCT_PHASES = 8, 2
"""Of each layer, and of a product."""


class Layer(NamedTuple):
    """A layer of a stack: addresses, its number in the cache, and its place among features or -1."""

    qkv: int
    qkv_scale: int
    o: int
    o_scale: int
    gate_up: int
    gate_up_scale: int
    down: int
    down_scale: int
    bias: int
    norm: int
    ffn_norm: int
    number: int
    slot: int


class Shape(NamedTuple):
    """Sizes of a pass, in numbers; `begin` is the first row that is wanted behind the last layer."""

    layers: int
    rows: int
    begin: int
    start: int
    causal: int
    heads: int
    kv_heads: int
    head_dim: int
    dim: int
    ff_dim: int
    capacity: int


class Memory(NamedTuple):
    """Addresses that a pass works at, `own_step` bytes from thread to thread at `own`.

    `layers` has a `Layer` for each, `rotation` (4, rows, head_dim) cosines and sines for keys, then both
    scaled for queries.
    """

    layers: int
    h: int
    entering: int
    rotation: int
    keys: int
    values: int
    epsilon: int
    own_step: int
    score_width: int
    q: int
    scales: int
    corrections: int
    wide_q: int
    wide_scales: int
    wide_corrections: int
    queries: int
    attended: int
    own: int


class Operands(NamedTuple):
    """Sizes of a product, and addresses: fp32 `x` (rows, width) and `y` (rows, whole panels)."""

    rows: int
    width: int
    panels: int
    x: int
    weights: int
    weight_scales: int
    y: int
    q: int
    scales: int
    corrections: int


class Turn(NamedTuple):
    """Which thread this is, of how many, and the board that they share."""

    board: int
    me: int
    threads: int


def board_size(phases: int, threads: int) -> int:
    """Bytes of a board: a line for what is done, and for each phase and thread."""
    return LINE * (1 + phases * threads)


def score_width(positions: int) -> int:
    """Numbers of a row of scores: whole panels, and a line so that rows do not share a set of the cache."""
    return -(-positions // PANEL) * PANEL + 16


def attention_space(queries_per_key: int, head_dim: int, positions: int) -> int:
    """Bytes that a task of attention needs for itself."""
    queries = ROWS_TOGETHER * queries_per_key
    return 4 * (2 * head_dim * PANEL + queries * (head_dim + score_width(positions) + 1)) + LINE
