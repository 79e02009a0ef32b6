from __future__ import annotations

import logging
import queue
import threading
from typing import Self

import pytest
from standin import Rule, Rules, StandinFiller, error_for

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import BadInput, EngineFailed, ModelCorrupt
from lsp_server.engine.protocol import (
    DoneEvent,
    EngineState,
    ErrorEvent,
    Event,
    FillRequest,
    FillResult,
    FrameEvent,
    Hole,
)
from lsp_server.engine.runtime.filler import Filler, LoadFiller, OnProgress
from lsp_server.engine.runtime.scheduler import Job, Scheduler
from lsp_server.engine.runtime.worker import RETRY_S, Worker

PATIENCE = 20


class Engine:
    """A scheduler and its worker, ended after the test."""

    def __init__(self, load: LoadFiller) -> None:
        self.now = 0.0
        self.scheduler = Scheduler()
        self.worker = Worker(self.scheduler, load, "m", clock=lambda: self.now)

    def __enter__(self) -> Self:
        self.worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.scheduler.close()
        assert self.worker.join(PATIENCE)

    def ask(self, document: str = "", **fields: object) -> tuple[Job, queue.Queue[Event]]:
        events: queue.Queue[Event] = queue.Queue()
        request = FillRequest("a = ", (Hole(4, 4),), document=document, **fields)  # type: ignore[arg-type]
        return self.scheduler.submit(request, events.put), events

    def answer(self, **fields: object) -> Event:
        return self.ask(**fields)[1].get(timeout=PATIENCE)


def loading(filler: Filler) -> LoadFiller:
    return lambda model, on_progress: filler


def ruled(*rules: Rule) -> StandinFiller:
    return StandinFiller(read=lambda: Rules(rules=rules))


def test_jobs_are_answered_with_the_model() -> None:
    """Load, fill, close: the filler is used from start to end."""
    filler = ruled(Rule(fill="1 + 1"))
    with Engine(loading(filler)) as engine:
        event = engine.answer()
        assert isinstance(event, DoneEvent)
        assert event.result.candidates[0].fills[0].text == "1 + 1"
        assert engine.worker.state is EngineState.READY
    assert filler.closed


@pytest.mark.parametrize(("frames", "count"), [(True, 3), (False, 0)])
def test_frames_come_only_when_wanted(frames: bool, count: int) -> None:
    """And always before the last event."""
    with Engine(loading(ruled(Rule(fill="1 + 1")))) as engine:
        _, events = engine.ask(frames=frames)
        got = [events.get(timeout=PATIENCE) for _ in range(count + 1)]
    assert [type(event) for event in got] == [FrameEvent] * count + [DoneEvent]


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ("bad-input", "bad-input", "cannot read"),
        ("model-missing", "model-missing", "not installed"),
        ("model-corrupt", "model-corrupt", "wrong byte"),
        ("memory", "failed", "out of memory"),
        ("failed", "failed", "RuntimeError"),
    ],
)
def test_a_failing_fill_does_not_end_the_worker(error: str, code: str, message: str) -> None:
    """Whatever is raised becomes one error event, and the next job is answered."""
    filler = ruled(Rule(document="bad", error=error), Rule())
    with Engine(loading(filler)) as engine:
        event = engine.answer(document="bad")
        assert isinstance(event, ErrorEvent)
        assert event.code == code
        assert message in event.message
        assert isinstance(engine.answer(), DoneEvent)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        type("OutOfMemoryError", (RuntimeError,), {})("CUDA"),
    ],
)
def test_running_out_of_memory_is_named(error: Exception) -> None:
    """Python's and torch's ways of saying it all lead to the same advice."""

    def load(model: str, on_progress: OnProgress) -> Filler:
        raise error

    with Engine(load) as engine:
        event = engine.answer()
    assert isinstance(event, ErrorEvent)
    assert "out of memory" in event.message
    assert event.hint


def test_messages_of_foreign_errors_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """They may quote the user's code."""

    class Quoting(StandinFiller):
        def fill(self, request: FillRequest, **_: object) -> FillResult:  # type: ignore[override]
            raise KeyError(request.text)

    with caplog.at_level(logging.INFO), Engine(loading(Quoting())) as engine:
        event = engine.answer()
    assert isinstance(event, ErrorEvent)
    assert "a = " not in caplog.text + event.message
    assert "KeyError" in caplog.text


def test_a_superseded_job_ends_as_such_even_if_it_just_finished() -> None:
    """The client has moved on, so the answer is the one it expects."""
    started, proceed = threading.Event(), threading.Event()

    def wait(seconds: float, cancel: CancelToken, deadline: float | None) -> None:
        started.set()
        proceed.wait(PATIENCE)

    class Heedless(StandinFiller):
        def fill(self, request: FillRequest, **_: object) -> FillResult:  # type: ignore[override]
            return super().fill(request, cancel=CancelToken())

    with Engine(loading(Heedless(wait=wait))) as engine:
        _, first = engine.ask(document="doc")
        assert started.wait(PATIENCE)
        assert engine.worker.state is EngineState.BUSY
        _, second = engine.ask(document="doc")
        proceed.set()
        ended = first.get(timeout=PATIENCE)
        assert isinstance(ended, ErrorEvent)
        assert ended.code == "superseded"
        assert isinstance(second.get(timeout=PATIENCE), DoneEvent)


def test_progress_is_kept_while_loading() -> None:
    """Health can show it: share and what is being done."""
    told, proceed = threading.Event(), threading.Event()

    def load(model: str, on_progress: OnProgress) -> Filler:
        on_progress(0.4, f"packing {model}")
        told.set()
        proceed.wait(PATIENCE)
        return StandinFiller()

    with Engine(load) as engine:
        assert told.wait(PATIENCE)
        seen = (engine.worker.state, engine.worker.progress, engine.worker.doing)
        proceed.set()
    assert seen == (EngineState.LOADING, 0.4, "packing m")


def test_a_model_that_came_late_is_loaded_by_a_later_request() -> None:
    """Soon after a failure requests get the same error; after a while loading is tried again."""
    tries = 0

    def load(model: str, on_progress: OnProgress) -> Filler:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise error_for("model-missing")
        return StandinFiller()

    with Engine(load) as engine:
        for _ in range(3):
            event = engine.answer()
            assert isinstance(event, ErrorEvent)
            assert (event.code, event.hint) == ("model-missing", "Run `remask pull`.")
        assert engine.worker.state is EngineState.FAILED
        assert tries == 1
        engine.now += RETRY_S
        assert isinstance(engine.answer(), DoneEvent)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("no such model"), "model-missing"),
        (ModelCorrupt("wrong bytes"), "model-corrupt"),
        (EngineFailed("no"), "failed"),
        (ValueError("x"), "failed"),
        (OSError(5), "failed"),
    ],
)
def test_any_failure_to_load_is_kept_for_health(error: Exception, code: str) -> None:
    """The process stays up to say what is wrong; it is never blamed on the request that meets it."""

    def load(model: str, on_progress: OnProgress) -> Filler:
        raise error

    with Engine(load) as engine:
        event = engine.answer()
        assert isinstance(event, ErrorEvent)
        assert event.code == code
        assert engine.worker.trouble == event
        assert engine.worker.state is EngineState.FAILED


def test_as_many_jobs_run_as_the_model_allows() -> None:
    """Three at once where three may; the fourth waits, and all are answered."""
    together, proceed = threading.Barrier(4), threading.Event()

    def wait(seconds: float, cancel: CancelToken, deadline: float | None) -> None:
        if not proceed.is_set():
            together.wait(PATIENCE)
            proceed.wait(PATIENCE)

    filler = StandinFiller(wait=wait, parallel=3)
    with Engine(loading(filler)) as engine:
        events = [engine.ask(document=str(number))[1] for number in range(4)]
        together.wait(PATIENCE)
        assert engine.scheduler.waiting == 1
        assert engine.worker.state is EngineState.BUSY
        proceed.set()
        assert all(isinstance(each.get(timeout=PATIENCE), DoneEvent) for each in events)
    assert filler.closed


def test_a_superseded_fill_does_not_hold_up_its_successor() -> None:
    """With a second thread the newer request of a document runs while the older one is still stopping."""
    started, proceed = threading.Event(), threading.Event()

    class Heedless(StandinFiller):
        def fill(self, request: FillRequest, **given: object) -> FillResult:  # type: ignore[override]
            if request.language == "slow":
                started.set()
                proceed.wait(PATIENCE)
            return super().fill(request, cancel=CancelToken())

    with Engine(loading(Heedless(parallel=2))) as engine:
        _, older = engine.ask(document="doc", language="slow")
        assert started.wait(PATIENCE)
        assert isinstance(engine.answer(document="doc"), DoneEvent)
        proceed.set()
        ended = older.get(timeout=PATIENCE)
    assert isinstance(ended, ErrorEvent)
    assert ended.code == "superseded"
