"""The threads that have the model: one loads it, they answer jobs, and survive their failures."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import traceback
from collections.abc import Callable

import msgspec

from lsp_server.core.errors import BadInput, Cancelled, ModelCorrupt, ModelMissing, RemaskError, Superseded
from lsp_server.engine.protocol import DoneEvent, EngineState, ErrorEvent, Event
from lsp_server.engine.runtime.filler import Filler, LoadFiller
from lsp_server.engine.runtime.scheduler import Job, Scheduler

log = logging.getLogger(__name__)

RETRY_S = 15.0
"""A model that could not be loaded is tried again by a request that comes this much later."""
_CODES: tuple[tuple[type[RemaskError], str], ...] = (
    (Superseded, "superseded"),
    (Cancelled, "cancelled"),
    (BadInput, "bad-input"),
    (ModelMissing, "model-missing"),
    (ModelCorrupt, "model-corrupt"),
)
_MEMORY_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


class Worker:
    """Runs the jobs of `scheduler` with the model that `load` gives, as many at once as that can."""

    def __init__(
        self,
        scheduler: Scheduler,
        load: LoadFiller,
        model: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.filler: Filler | None = None
        self.progress = 0.0
        self.doing = "loading the model"
        self.trouble: ErrorEvent | None = None
        """Why there is no model, once loading has failed."""
        self._scheduler = scheduler
        self._load = load
        self._model = model
        self._clock = clock
        self._tried = 0.0
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._others: list[threading.Thread] = []

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        if self.filler is not None:
            return EngineState.BUSY if self._scheduler.running else EngineState.READY
        return EngineState.FAILED if self.trouble else EngineState.LOADING

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()

    def join(self, timeout: float) -> bool:
        """Wait for the threads to end once the scheduler is closed; whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._load_model()
        self._serve()
        for thread in self._others:
            thread.join()
        if self.filler is not None:
            with contextlib.suppress(Exception):
                self.filler.close()

    def _serve(self) -> None:
        while (job := self._scheduler.take()) is not None:
            if self.filler is None and self._clock() >= self._tried + RETRY_S:
                self._load_model()
            event = self._answer(job)
            self._scheduler.done(job)
            job.emit(event)

    def _load_model(self) -> None:
        self.trouble = None
        try:
            filler = self._load(self._model, self._note)
        except Exception as error:  # noqa: BLE001 -- the engine stays up to say what is wrong
            event = _error_event(error, "the model could not be loaded")
            # A name that is no model's is no fault of the requests that meet it.
            unknown = event.code == "bad-input"
            self.trouble = msgspec.structs.replace(event, code="model-missing") if unknown else event
            log.warning("loading %s failed: %s", self._model, self.trouble.message)
        else:
            self.filler = filler
            self._scheduler.workers = filler.parallel
            self._start_others(filler.parallel - 1)
        self._tried = self._clock()

    def _start_others(self, count: int) -> None:
        """Begin to answer on so many more threads."""
        self._others = [
            threading.Thread(target=self._serve, name=f"model-{number}", daemon=True)
            for number in range(2, count + 2)
        ]
        for thread in self._others:
            thread.start()

    def _note(self, progress: float, doing: str) -> None:
        self.progress, self.doing = progress, doing

    def _answer(self, job: Job) -> Event:
        if self.filler is None:
            return self.trouble or ErrorEvent("failed", "there is no model")
        try:
            job.cancel.check()
            result = self.filler.fill(
                job.request,
                cancel=job.cancel,
                deadline=job.deadline,
                on_frame=job.emit if job.request.frames else None,
            )
            job.cancel.check()
        except Exception as error:  # noqa: BLE001 -- one bad request must not cost the others the model
            return _error_event(error, "the fill failed")
        return DoneEvent(result)


def _error_event(error: Exception, what: str) -> ErrorEvent:
    """The error as clients see it; what is not ours is logged without its message, which may quote code."""
    if isinstance(error, RemaskError):
        code = next((code for kind, code in _CODES if isinstance(error, kind)), "failed")
        return ErrorEvent(code, str(error.args[0]), error.hint)
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: %s\n%s", what, type(error).__name__, frames)
    log.debug("%s: %s", what, error)
    if _is_out_of_memory(error):
        hint = "Close other programs, or choose a smaller context in the settings."
        return ErrorEvent("failed", f"{what}: out of memory", hint)
    return ErrorEvent("failed", f"{what}: {type(error).__name__}", "See the engine's log.")


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(sign in said for sign in _MEMORY_SIGNS)
