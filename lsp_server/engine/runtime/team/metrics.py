"""What an operator can see, as Prometheus reads it: figures by user's name, never code, document or key.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from lsp_server import __version__
from lsp_server.engine.protocol import EngineState
from lsp_server.engine.runtime.filler import InUse
from lsp_server.engine.runtime.scheduler import Scheduler
from lsp_server.engine.runtime.ticket import Seen
from lsp_server.engine.runtime.worker import Worker

SECONDS = (0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 15.0, 60.0)
"""Bounds of the histograms of time: finer where a person typing would notice."""
TOGETHER = (1, 2, 4, 8, 16, 32, 64, 128)
"""Bounds of that of fills that share a pass."""
UNASKED = {"ahead", "read"}
"""Kinds that nobody waits for; they would hide what others wait."""


class Metrics:
    """The figures of one engine. Lives on the event loop."""

    def __init__(self, scheduler: Scheduler, worker: Worker, model: str) -> None:
        self._registry = registry = CollectorRegistry()
        user, outcome = ("user",), ("user", "kind", "outcome")
        self._requests = Counter(
            "remask_requests", "Requests that reached the queue.", outcome, registry=registry
        )
        self._refusals = Counter(
            "remask_refusals", "Requests that did not, by status.", ("user", "status"), registry=registry
        )
        self._queue = Histogram(
            "remask_queue_seconds", "Until a fill began.", user, buckets=SECONDS, registry=registry
        )
        self._first = Histogram(
            "remask_first_frame_seconds",
            "Until its first step could be shown, of fills that show steps.",
            user,
            buckets=SECONDS,
            registry=registry,
        )
        self._fill = Histogram(
            "remask_fill_seconds", "Until it was answered.", user, buckets=SECONDS, registry=registry
        )
        self._tokens = Counter("remask_tokens", "Tokens.", ("user", "what"), registry=registry)
        self._passes = Counter("remask_passes", "Passes through the network.", user, registry=registry)
        registry.register(_Now(scheduler, worker, model))
        ProcessCollector(registry=registry)

    def ended(self, seen: Seen) -> None:
        """See `ticket.Observer`."""
        self._requests.labels(seen.user, seen.kind, seen.outcome).inc()
        if seen.figures is not None:
            for what, count in (
                ("written", seen.figures.tokens),
                ("read", seen.figures.context_tokens - seen.figures.cached_tokens),
                ("cached", seen.figures.cached_tokens),
            ):
                self._tokens.labels(seen.user, what).inc(max(0, count))
            self._passes.labels(seen.user).inc(seen.figures.forwards)
        if seen.kind in UNASKED:
            return
        if seen.queue_s is not None:
            self._queue.labels(seen.user).observe(seen.queue_s)
        if seen.first_frame_s is not None:
            self._first.labels(seen.user).observe(seen.first_frame_s)
        if seen.outcome == "answered":
            self._fill.labels(seen.user).observe(seen.total_s)

    def refused(self, user: str, status: int) -> None:
        """See `gate.Refusals`."""
        self._refusals.labels(user, str(status)).inc()

    async def page(self, request: Request) -> Response:
        """All of them, in the format that was asked for."""
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={"Content-Type": media_type})


class _Now(Collector):
    """What is read off the engine when somebody looks."""

    def __init__(self, scheduler: Scheduler, worker: Worker, model: str) -> None:
        self._scheduler = scheduler
        self._worker = worker
        self._model = model

    def collect(self) -> Iterable[Metric]:
        filler = self._worker.filler
        about = GaugeMetricFamily(
            "remask_engine_info",
            "What runs.",
            labels=("version", "model", "adapter", "backend"),
        )
        adapter, backend = (filler.adapter, filler.backend) if filler else ("", "")
        about.add_metric((__version__, self._model, adapter, backend), 1)
        yield about
        ready = self._worker.state in {EngineState.READY, EngineState.BUSY}
        yield GaugeMetricFamily("remask_engine_ready", "Whether there is a model.", value=int(ready))
        waiting = GaugeMetricFamily("remask_queue_length", "Requests that wait.", labels=("user",))
        for user, count in sorted(self._scheduler.waiting_each.items()):
            waiting.add_metric((user,), count)
        yield waiting
        yield GaugeMetricFamily("remask_fills_running", "Under way.", value=self._scheduler.under_way)
        yield GaugeMetricFamily(
            "remask_fills_at_once", "That may be under way.", value=self._scheduler.workers
        )
        if filler is not None:
            yield from _of_model(filler.in_use())


def _of_model(use: InUse) -> Iterator[Metric]:
    yield GaugeMetricFamily("remask_contexts", "Contexts held.", value=use.contexts)
    yield GaugeMetricFamily("remask_contexts_bytes", "Memory of the contexts held.", value=use.context_bytes)
    if use.together is None:
        return
    sizes = use.together
    counts = accumulate(
        sum(count for size, count in sizes.items() if low < size <= high)
        for low, high in zip((0, *TOGETHER), TOGETHER, strict=False)
    )
    buckets = [(f"{bound:.1f}", float(count)) for bound, count in zip(TOGETHER, counts, strict=True)]
    shared = HistogramMetricFamily("remask_batch_size", "Fills that shared a pass.")
    shared.add_metric(
        (),
        buckets=[*buckets, ("+Inf", float(sum(sizes.values())))],
        sum_value=float(sum(size * count for size, count in sizes.items())),
    )
    yield shared
