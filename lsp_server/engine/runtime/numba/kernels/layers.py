"""The layers of a Qwen2 network (arXiv 2407.10671) as one function, which all threads of a pass run.

A layer has eight phases (`sync.py`): norm, heads, attention, its quantisation, output, norm, gate, down.
"""

from __future__ import annotations

from lsp_server.engine.runtime.numba.kernels.attention import attend
from lsp_server.engine.runtime.numba.kernels.jit import compiled
from lsp_server.engine.runtime.numba.kernels.product import product, quantise_row
from lsp_server.engine.runtime.numba.kernels.reading import reader
from lsp_server.engine.runtime.numba.kernels.rows import add_to, copy, gate, norm, plus, turn
from lsp_server.engine.runtime.numba.kernels.sync import first_task, next_task, wait
from lsp_server.engine.runtime.numba.layout import (
    GROUP,
    LAYER_PHASES,
    PANEL,
    ROWS_TOGETHER,
    Layer,
    Memory,
    Shape,
    Turn,
)

_layer, _LAYER = reader(Layer), 8 * len(Layer._fields)


@compiled
def _coming(turn_: Turn, weights: int, tasks: int, size: int) -> int:
    """Where the weights lie that this thread needs first, of tasks of `size` bytes."""
    return weights + tasks * turn_.me // turn_.threads * size


@compiled
def _normed(
    s: Shape, m: Memory, t: Turn, phase: int, before: int, begin: int, weight: int, slot: int, soon: int
) -> int:
    """Rows from `begin` on to bytes; what enters a feature's layer is kept."""
    tasks, own = s.rows - begin, m.own + t.me * m.own_step
    task = first_task(t.board, phase, tasks, before, t.me, t.threads, soon)
    while task >= 0:
        row = begin + task
        h = m.h + 4 * row * s.dim
        if slot >= 0 and row >= s.begin:
            kept = slot * (s.rows - s.begin) + row - s.begin
            copy(h, m.entering + 4 * kept * s.dim, s.dim)
        norm(h, weight, m.epsilon, own, s.dim)
        quantise_row(own, s.dim, row, m.q, m.scales, m.corrections)
        task = next_task(t.board, phase, tasks, t.me, t.threads)
    return tasks


@compiled
def _place(s: Shape, layer: int, position: int, head: int) -> int:
    """Bytes in front of what is cached of a position for a key head."""
    return 4 * s.head_dim * ((layer * s.capacity + position) * s.kv_heads + head)


@compiled
def _head(s: Shape, m: Memory, begin: int, head: int, layer: int, projected: int, bias: int) -> None:
    """What was projected for a head goes where it is needed: turned, or to the cached values."""
    half, size = s.head_dim // 2, 4 * s.head_dim
    per_key, place = s.heads // s.kv_heads, head - s.heads
    for row in range(begin, s.rows):
        x = projected + (row - begin) * size
        cos = m.rotation + row * size
        if head < s.heads:
            cos += 2 * s.rows * size
            to = m.queries + ((head // per_key * s.rows + row) * per_key + head % per_key) * size
            turn(x, bias, cos, cos + s.rows * size, to, half)
        elif place < s.kv_heads:
            to = m.keys + _place(s, layer, s.start + row, place)
            turn(x, bias, cos, cos + s.rows * size, to, half)
        else:
            to = m.values + _place(s, layer, s.start + row, place - s.kv_heads)
            plus(x, bias, to, s.head_dim)


@compiled
def _projected(s: Shape, m: Memory, t: Turn, phase: int, before: int, begin: int, layer: Layer) -> int:
    """Queries, keys and values, a head at a time; queries only from `begin` on."""
    tasks, own = s.heads + 2 * s.kv_heads, m.own + t.me * m.own_step
    size, groups = s.dim * s.head_dim, s.dim // GROUP
    soon = _coming(t, layer.qkv, tasks, size)
    task = first_task(t.board, phase, tasks, before, t.me, t.threads, soon)
    while task >= 0:
        first = begin if task < s.heads else 0
        product(
            s.head_dim // PANEL,
            layer.qkv + task * size,
            layer.qkv_scale + 4 * task * s.head_dim,
            s.dim,
            s.rows - first,
            m.q + first * s.dim,
            m.scales + 4 * first * groups,
            m.corrections + 4 * first * groups,
            own,
            4 * s.head_dim,
        )
        _head(s, m, first, task, layer.number, own, layer.bias + 4 * task * s.head_dim)
        task = next_task(t.board, phase, tasks, t.me, t.threads)
    return tasks


@compiled
def _attended(
    s: Shape, m: Memory, t: Turn, phase: int, before: int, begin: int, layer: int, soon: int
) -> int:
    """Attention, for a key head and some rows at a time."""
    rows, per_key, size = s.rows - begin, s.heads // s.kv_heads, 4 * s.head_dim
    parts = (rows + ROWS_TOGETHER - 1) // ROWS_TOGETHER
    tasks = s.kv_heads * parts
    task = first_task(t.board, phase, tasks, before, t.me, t.threads, soon)
    while task >= 0:
        head, part = task // parts, task % parts
        first, last = begin + rows * part // parts, begin + rows * (part + 1) // parts
        place = _place(s, layer, 0, head)
        attend(
            m.queries + (head * s.rows + first) * per_key * size,
            last - first,
            per_key,
            s.head_dim,
            m.keys + place,
            m.values + place,
            s.kv_heads * size,
            s.start + (first + 1 if s.causal else s.rows),
            s.causal,
            m.attended + (first * s.heads + head * per_key) * size,
            s.heads * size,
            m.own + t.me * m.own_step,
            m.score_width,
        )
        task = next_task(t.board, phase, tasks, t.me, t.threads)
    return tasks


@compiled
def _quantised(s: Shape, m: Memory, t: Turn, phase: int, before: int, begin: int, soon: int) -> int:
    """What attention gathered, to bytes."""
    tasks, width = s.rows - begin, s.heads * s.head_dim
    task = first_task(t.board, phase, tasks, before, t.me, t.threads, soon)
    while task >= 0:
        row = begin + task
        quantise_row(m.attended + 4 * row * width, width, row, m.q, m.scales, m.corrections)
        task = next_task(t.board, phase, tasks, t.me, t.threads)
    return tasks


@compiled
def _added(
    s: Shape,
    m: Memory,
    t: Turn,
    phase: int,
    before: int,
    begin: int,
    weights: int,
    weight_scales: int,
    width: int,
    q: int,
    scales: int,
    corrections: int,
) -> int:
    """A product whose outputs are added to the states, a panel at a time."""
    tasks, own, size = s.dim // PANEL, m.own + t.me * m.own_step, width * PANEL
    rows, at = s.rows - begin, 4 * begin * (width // GROUP)
    task = first_task(t.board, phase, tasks, before, t.me, t.threads, _coming(t, weights, tasks, size))
    while task >= 0:
        product(
            1,
            weights + task * size,
            weight_scales + 4 * task * PANEL,
            width,
            rows,
            q + begin * width,
            scales + at,
            corrections + at,
            own,
            4 * PANEL,
        )
        for row in range(rows):
            h = m.h + 4 * ((begin + row) * s.dim + task * PANEL)
            add_to(h, own + 4 * row * PANEL, PANEL)
        task = next_task(t.board, phase, tasks, t.me, t.threads)
    return tasks


@compiled
def _gated(s: Shape, m: Memory, t: Turn, phase: int, before: int, begin: int, layer: Layer) -> int:
    """The feed-forward part's gates, a group at a time, straight to bytes."""
    tasks, own = s.ff_dim // GROUP, m.own + t.me * m.own_step
    size, groups = 2 * GROUP * s.dim, s.dim // GROUP
    task = first_task(t.board, phase, tasks, before, t.me, t.threads, _coming(t, layer.gate_up, tasks, size))
    while task >= 0:
        product(
            2 * GROUP // PANEL,
            layer.gate_up + task * size,
            layer.gate_up_scale + 8 * task * GROUP,
            s.dim,
            s.rows - begin,
            m.q + begin * s.dim,
            m.scales + 4 * begin * groups,
            m.corrections + 4 * begin * groups,
            own,
            8 * GROUP,
        )
        for row in range(begin, s.rows):
            x = own + 8 * GROUP * (row - begin)
            gate(x, x + 4 * GROUP, GROUP)
            to, at = m.wide_q + row * s.ff_dim + task * GROUP, 4 * (row * tasks + task)
            quantise_row(x, GROUP, 0, to, m.wide_scales + at, m.wide_corrections + at)
        task = next_task(t.board, phase, tasks, t.me, t.threads)
    return tasks


@compiled
def run_layers(s: Shape, m: Memory, t: Turn) -> None:
    """This thread's part of a pass; the states at `m.h` are changed.

    Thread 0 comes back when the pass is done, others when nothing is left to claim.
    """
    done = 0
    for number in range(s.layers):
        layer, phase = _layer(m.layers + number * _LAYER), LAYER_PHASES * number
        begin = s.begin if number == s.layers - 1 else 0
        heads, panels = s.heads + 2 * s.kv_heads, s.dim // PANEL
        width = s.heads * s.head_dim
        soon = _coming(t, layer.qkv, heads, s.dim * s.head_dim)
        done += _normed(s, m, t, phase, done, 0, layer.norm, layer.slot, soon)
        done += _projected(s, m, t, phase + 1, done, begin, layer)
        soon = _coming(t, layer.o, panels, width * PANEL)
        done += _attended(s, m, t, phase + 2, done, begin, layer.number, soon)
        done += _quantised(s, m, t, phase + 3, done, begin, soon)
        done += _added(
            s, m, t, phase + 4, done, begin, layer.o, layer.o_scale, width, m.q, m.scales, m.corrections
        )
        soon = _coming(t, layer.gate_up, s.ff_dim // GROUP, 2 * GROUP * s.dim)
        done += _normed(s, m, t, phase + 5, done, begin, layer.ffn_norm, -1, soon)
        done += _gated(s, m, t, phase + 6, done, begin, layer)
        done += _added(
            s,
            m,
            t,
            phase + 7,
            done,
            begin,
            layer.down,
            layer.down_scale,
            s.ff_dim,
            m.wide_q,
            m.wide_scales,
            m.wide_corrections,
        )
    if t.me == 0:
        wait(t.board, done)
