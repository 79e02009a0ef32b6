"""Passes of several sequences at once against the same passes alone."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.assemble import assemble
from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.batching import front as module
from lsp_server.engine.runtime.batching.front import Front
from lsp_server.engine.runtime.batching.padded import Padded
from lsp_server.engine.runtime.batching.shared import share
from lsp_server.engine.runtime.code_head import CODE, SIZE, SPECIAL, CodeHead
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.linear import DenseLinear
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.weights import Weights

PATIENCE = 120
CPU = torch.device("cpu")
MASK = 1
NewKV = Callable[[Weights], Callable[[], KV]]


@dataclass(frozen=True)
class Job:
    """A pass behind `past` tokens: `kind` over `count` new ones."""

    kind: str
    past: int
    count: int

    def tokens(self) -> tuple[list[int], list[int]]:
        rng = random.Random(f"{self.kind} {self.past} {self.count}")
        return [[rng.randrange(2, 300) for _ in range(size)] for size in (self.past, self.count)]  # type: ignore[return-value]

    def prepared(self, network: Network, kv: KV) -> KV:
        network.read(kv, self.tokens()[0])
        return kv

    def carried_out(self, network: Network, kv: KV) -> Tensor:
        """Its logits; what was read stays in `kv`."""
        new = self.tokens()[1]
        if self.kind == "read":
            return network.logits(network.read(kv, new))
        if self.kind == "last":
            return network.logits(network.read(kv, new, last=1))
        if self.kind == "sketch":
            return network.sketch(kv, new[:1], 5)
        return network.logits(network.denoise(kv, [*new[:1], *[MASK] * (self.count - 1)]))


MIXED = [
    Job("read", 20, 40),
    Job("denoise", 33, 8),
    Job("read", 7, 1),
    Job("last", 90, 64),
    Job("sketch", 12, 5),
    Job("denoise", 3, 16),
    Job("read", 64, 1),
    Job("sketch", 40, 5),
]


def together(
    jobs: Sequence[Job], network: Network, new: Callable[[], KV], front: Front
) -> tuple[list[KV], list[Tensor]]:
    """Every job on a thread of its own, all of them seated before the first pass."""
    contexts = [job.prepared(network, new()) for job in jobs]
    everybody = threading.Barrier(len(jobs))

    def one(job: Job, kv: KV) -> Tensor:
        with front.seat():
            everybody.wait(PATIENCE)
            return job.carried_out(network, kv)

    with ThreadPoolExecutor(len(jobs)) as threads:
        return contexts, list(threads.map(one, jobs, contexts))


def compared(jobs: Sequence[Job], weights: Weights, new: Callable[[], KV]) -> list[tuple[Tensor, Tensor]]:
    """For each job its logits in a batch and alone, and the keys left behind."""
    front = Front()
    both = []
    try:
        contexts, results = together(jobs, Network(share(weights, front), mask_id=MASK), new, front)
        reference = Network(weights, mask_id=MASK)
        for job, kv, result in zip(jobs, contexts, results, strict=True):
            own = job.prepared(
                reference, KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)
            )
            both.append((result, job.carried_out(reference, own)))
            assert kv.tokens == own.tokens
            read = len(own.tokens)
            both += [(kv.keys[:, :read], own.keys[:, :read]), (kv.values[:, :read], own.values[:, :read])]
            both.append((kv.seeds[read - 1], own.seeds[read - 1]))
    finally:
        front.close()
    return both


def test_mixed_passes_give_what_they_give_alone(sketching: Model, new_kv: NewKV) -> None:
    """Long and short reads, blocks and sketches behind different pasts: logits, context and seeds agree."""
    weights = sketching.network.weights
    for batched, own in compared(MIXED, weights, new_kv(weights)):
        torch.testing.assert_close(
            batched, own, atol=1e-2 if own.dtype == torch.bfloat16 else 1e-4, rtol=1e-3
        )


def test_the_likeliest_tokens_are_the_same(sketching: Model, new_kv: NewKV) -> None:
    """What a greedy fill would commit."""
    weights = sketching.network.weights
    for batched, own in compared(MIXED, weights, new_kv(weights))[::4]:
        assert batched.argmax(-1).tolist() == own.argmax(-1).tolist()


jobs = st.builds(
    Job, st.sampled_from(["read", "last", "denoise", "sketch"]), st.integers(1, 80), st.integers(1, 40)
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(jobs, min_size=2, max_size=6))
def test_any_passes_may_share(sketching: Model, new_kv: NewKV, chosen: list[Job]) -> None:
    """Whatever comes together."""
    weights = sketching.network.weights
    for batched, own in compared(chosen, weights, new_kv(weights)):
        torch.testing.assert_close(
            batched, own, atol=1e-2 if own.dtype == torch.bfloat16 else 1e-4, rtol=1e-3
        )


def test_bf16_is_close(bf16_weights: Weights, new_kv: NewKV) -> None:
    """As near to the pass alone as rounding to eight bits allows."""
    for batched, own in compared(MIXED, bf16_weights, new_kv(bf16_weights)):
        if batched.numel():
            difference = (batched.float() - own.float()).abs().mean() / own.float().abs().mean()
            assert difference < 0.02


def test_int8_is_the_same(wide: Architecture, int8_tensors: dict[str, Tensor], new_kv: NewKV) -> None:
    """Rows do not depend on their neighbours there either."""
    weights = assemble(int8_tensors, wide, precision="int8", device=CPU)
    for batched, own in compared(MIXED, weights, new_kv(weights)):
        difference = (batched.float() - own.float()).abs().mean()
        assert difference < 0.01 * own.float().abs().mean() + 1e-6


def test_a_batch_is_one_pass(weights: Weights, front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four reads are one pass and one product, whatever their lengths."""
    for name in ("SHORTEST_WAIT_S", "LONGEST_WAIT_S"):
        monkeypatch.setattr(module, name, PATIENCE / 2)
    passes: list[int] = []
    attended = weights.base.decoder.attended  # type: ignore[attr-defined]

    def counting(layers: object, h: Tensor, *rest: object) -> object:
        passes.append(len(h))
        return attended(layers, h, *rest)

    read = [Job("read", 1, count) for count in (40, 8, 1, 1)]
    network = Network(share(weights, front), mask_id=MASK)
    kvs = [job.prepared(network, KV(weights.architecture, weights.dtype, CPU)) for job in read]
    monkeypatch.setattr(weights.base.decoder, "attended", counting)  # type: ignore[attr-defined]
    before, ready = front.batches, iter(kvs)
    together(read, _Prepared(network), lambda: next(ready), front)  # type: ignore[arg-type]
    assert passes == [50]
    assert front.batches - before == 2


class _Prepared:
    """A network that has read the pasts already."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def read(self, kv: KV, tokens: Sequence[int]) -> Tensor | None:
        return None if kv.tokens == list(tokens) else self.network.read(kv, tokens)

    def logits(self, hidden: Tensor) -> Tensor:
        return self.network.logits(hidden)


def test_padding_hides_what_others_left(architecture: Architecture) -> None:
    """A slot's last owner left numbers behind the valid positions; they change nothing."""
    from lsp_server.engine.runtime.batching.pool import Pool, SlotKV

    generator = torch.Generator().manual_seed(0)
    rows = torch.randn((3, architecture.heads + 2 * architecture.kv_heads, 16), generator=generator)
    turned, values = rows.split_with_sizes(
        [architecture.heads + architecture.kv_heads, architecture.kv_heads], 1
    )
    results = []
    for left in (0.0, 100.0):
        pool = Pool(architecture, torch.float32, CPU, slots=3, capacity=32)
        pool.keys.fill_(left)
        pool.values.fill_(left)
        slots = [kv for _ in range(2) if isinstance(kv := pool.new(), SlotKV)]
        results.append(Padded(architecture, slots, [2, 1], causal=True)(0, turned, values))
    assert torch.equal(*results)


def test_the_head_for_code_is_shared_as_well(front: Front, weights: Weights) -> None:
    """It scores the same tokens, and its rows go through the front."""
    generator = torch.Generator().manual_seed(0)
    tables = [torch.randn((size, 64), generator=generator) for size in (CODE, SIZE - SPECIAL)]
    head = CodeHead(*(DenseLinear(table) for table in tables))
    code_head = share(replace(weights, code_head=head), front).code_head
    assert code_head is not None
    x = torch.randn((2, 64), generator=generator)
    before = front.batches
    torch.testing.assert_close(code_head(x), head(x))
    assert front.batches > before
    assert torch.equal(code_head.ids, head.ids)
    assert code_head.suffices([1])
    assert not code_head.suffices([CODE])
