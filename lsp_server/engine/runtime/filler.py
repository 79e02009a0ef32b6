"""The seam between the engine's HTTP side and its model. Torch-free, so both sides test alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent

OnFrame = Callable[[FrameEvent], None]
OnProgress = Callable[[float, str], None]
"""Share of loading done, in [0, 1], and what is being done."""


@dataclass(frozen=True, slots=True)
class InUse:
    """What of a model is in use.

    `together` says how often so many fills met at a pass; None where each has the model for itself.
    """

    contexts: int = 0
    context_bytes: int = 0
    together: Mapping[int, int] | None = None


class Filler(Protocol):
    """A loaded model. Called from `parallel` threads at once, at most."""

    @property
    def model(self) -> str:
        """The model's name in the manifest."""

    @property
    def adapter(self) -> str:
        """sha256 of the adapter's file, or ""."""

    @property
    def backend(self) -> str:
        """How it computes, for a person: device, precision, threads."""

    @property
    def parallel(self) -> int:
        """Fills that may run at once."""

    def fill(
        self,
        request: FillRequest,
        *,
        cancel: CancelToken,
        deadline: float | None = None,
        on_frame: OnFrame | None = None,
    ) -> FillResult:
        """Denoise the holes of `request`.

        `deadline` is a `time.monotonic()` value at which to stop with what is
        committed (`Stop.BUDGET`), as it does once `cancel` is taken. `cancel` is checked between two steps.

        Raises:
            Cancelled, Superseded: `cancel` was set.
            BadInput: the text does not fit the model at all.
        """

    def in_use(self) -> InUse:
        """What of it is in use; from any thread."""

    def close(self) -> None:
        """Give the memory back."""


class LoadFiller(Protocol):
    """Loads a model by name; raises `ModelMissing` or `ModelCorrupt`."""

    def __call__(self, model: str, on_progress: OnProgress) -> Filler:
        """Load; slow."""
