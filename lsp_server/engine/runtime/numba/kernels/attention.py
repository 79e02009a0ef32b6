"""Attention of the query heads that share a key head, for some rows of a pass."""

from __future__ import annotations

from lsp_server.engine.runtime.numba.kernels.dense import combine, transpose
from lsp_server.engine.runtime.numba.kernels.emit import ROWS
from lsp_server.engine.runtime.numba.kernels.jit import compiled
from lsp_server.engine.runtime.numba.kernels.rows import copy, divide_by, softmax
from lsp_server.engine.runtime.numba.layout import LANES, LINE, PANEL


@compiled
def _combined(
    rows: int, a: int, a_step: int, m: int, m_step: int, count: int, out: int, out_step: int
) -> None:
    blocks = (rows + ROWS - 1) // ROWS
    begin = 0
    for block in range(blocks):
        end = rows * (block + 1) // blocks
        combine(end - begin, a + begin * a_step, a_step, m, m_step, count, out + begin * out_step, out_step)
        begin = end


@compiled
def _key_panel(keys: int, step: int, count: int, head_dim: int, panel: int, rest: int) -> None:
    """`PANEL` positions' keys, (head_dim, PANEL); those behind `count` are anything."""
    if count < PANEL:
        for position in range(count):
            copy(keys + position * step, rest + 4 * head_dim * position, head_dim)
        keys, step = rest, 4 * head_dim
    for half in range(0, PANEL, LANES):
        for begin in range(0, head_dim, LANES):
            transpose(keys + half * step + 4 * begin, step, panel + 4 * (begin * PANEL + half), 4 * PANEL)


@compiled
def attend(
    queries: int,
    rows: int,
    per_key: int,
    head_dim: int,
    keys: int,
    values: int,
    step: int,
    first_seen: int,
    causal: int,
    out: int,
    out_step: int,
    own: int,
    width: int,
) -> None:
    """What `per_key` heads of `rows` rows gather, beside each other in each row at `out`.

    `queries` (rows, per_key, head_dim) are scaled already. Keys and values are `step` bytes from position
    to position. The first row sees `first_seen` of them, each following one more if `causal`. `own` is
    where this may write, `width` the numbers of a row of scores.
    """
    many = rows * per_key
    seen = first_seen + rows - 1 if causal else first_seen
    panel, rest = own, own + 4 * head_dim * PANEL
    gathered = rest + 4 * head_dim * PANEL
    sums = gathered + 4 * many * head_dim
    scores = (sums + 4 * many + LINE - 1) // LINE * LINE
    panels = (seen + PANEL - 1) // PANEL
    for number in range(panels):
        begin = number * PANEL
        _key_panel(keys + begin * step, step, min(PANEL, seen - begin), head_dim, panel, rest)
        to = scores + 4 * begin
        _combined(many, queries, 4 * head_dim, panel, 4 * PANEL, head_dim, to, 4 * width)
    for query in range(many):
        visible = first_seen + query // per_key if causal else first_seen
        softmax(scores + 4 * width * query, visible, 2 * panels, sums + 4 * query)
    for begin in range(0, head_dim, PANEL):
        to = gathered + 4 * begin
        _combined(many, scores, 4 * width, values + 4 * begin, step, seen, to, 4 * head_dim)
    for query in range(many):
        row, head = query // per_key, query % per_key
        to = out + row * out_step + 4 * head * head_dim
        divide_by(gathered + 4 * query * head_dim, sums + 4 * query, to, head_dim)
