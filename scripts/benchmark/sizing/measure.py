"""What the recorded session of typing costs an engine: requests, and tokens of each."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from benchmark.session.recording import DEBOUNCE_MS, Recording, Stroke
from lsp_server.app import build_services
from lsp_server.core.types import Document
from lsp_server.engine.protocol import FillResult, FrameEvent

BUDGET_MS = 300_000
"""A server on a processor may take its time: tokens are counted, not seconds."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Means over the requests of a session; `new_tokens` are those of a prompt that no cache had."""

    model: str
    seconds: float
    asked: int
    requests: int
    prompt_tokens: float
    new_tokens: float
    fill_tokens: float
    most_fill_tokens: int

    @property
    def rate(self) -> float:
        """Requests a second of a person who types."""
        return self.requests / self.seconds

    def as_json(self) -> dict[str, object]:
        """All fields."""
        return asdict(self)


@dataclass
class Seen:
    """What each request cost, as the server told."""

    results: list[FillResult] = field(default_factory=list)

    def frame(self, frame: FrameEvent) -> None:
        """A step; it costs nothing of its own."""

    def done(self, result: FillResult) -> None:
        """The end of a request."""
        self.results.append(result)


async def measure(recording: Recording, url: str, *, most: int | None = None) -> Measured:
    """Ask after every stroke that is followed by a pause longer than the debounce; `most` of these.

    Without a `url` this machine's engine is asked, whose prompts are those of a remote Qwen-Coder.
    """
    seen = Seen()
    services = build_services()
    services.configuration.start(
        {
            "engine": {"url": url, "fallback": not url},
            "completion": {"debounceMs": 0, "budgetMs": BUDGET_MS, "ahead": False},
            "nextEdit": {"enabled": False},
        }
    )
    strokes = [stroke for stroke in recording.strokes if stroke.pause_ms >= DEBOUNCE_MS][:most]
    document = Document("session", recording.language, recording.text, Path("/session") / recording.path, 0)
    try:
        await services.engine.ensure()
        with services.engine.watched("session", seen):
            for number, stroke in enumerate(strokes):
                document = services.documents.open(
                    replace(document, text=stroke.document, version=number, revision=number)
                )
                await services.completer.complete(document, stroke.cursor, invoked=False)
                print(
                    f"\r{number + 1} of {len(strokes)} asked, {len(seen.results)} requests",
                    end="",
                    flush=True,
                )
    finally:
        await services.completer.close()
        await services.engine.close()
        services.workspace.close()
    return _summary(recording, strokes, seen.results)


def _summary(recording: Recording, strokes: Sequence[Stroke], results: Sequence[FillResult]) -> Measured:
    costs = [result.figures for result in results]
    share = len(strokes) / sum(stroke.pause_ms >= DEBOUNCE_MS for stroke in recording.strokes)
    prompts = [cost.context_tokens for cost in costs if cost.context_tokens]
    new = [cost.context_tokens - cost.cached_tokens for cost in costs if cost.context_tokens]
    return Measured(
        model=results[0].model if results else "",
        seconds=round(recording.seconds * share, 1),
        asked=len(strokes),
        requests=len(results),
        prompt_tokens=round(statistics.fmean(prompts), 1),
        new_tokens=round(statistics.fmean(new), 1),
        fill_tokens=round(statistics.fmean(cost.tokens for cost in costs), 1),
        most_fill_tokens=max(cost.tokens for cost in costs),
    )


def measured(recording: Recording, url: str, most: int | None) -> Measured:
    """See `measure`."""
    return asyncio.run(measure(recording, url, most=most))
