"""`remask/denoise`: the canvas of a fill, step by step, for clients that draw it.

    {token, version, ranges}    before each request of a rewrite: where its holes stand in the document
    {token, hole, step, candidate, cells: [{text, state, confidence}]}    after every step
    {token, figures: {forwards, tokens, latencyMs, contextTokens, cachedTokens}}    at the end

`token` is the client's own: the work-done token of an inline completion whose
client has the capability `experimental.remaskDenoise`, or the `token` a client
puts into a command's argument or a code action's data. A rewrite's cells are what
would stand in the range: without the half-typed word before it, indented as it is.
"""

from __future__ import annotations

from lsp_server.core.types import Document, FillFigures
from lsp_server.engine.protocol import FillResult, FrameEvent
from lsp_server.lsp.convert import from_span
from lsp_server.lsp.server import RemaskServer
from lsp_server.service.canvas import Place

METHOD = "remask/denoise"


class DenoiseReporter:
    """A `Watcher` that tells the client."""

    def __init__(self, server: RemaskServer, token: str | int) -> None:
        self._server = server
        self._token = token
        self._places: tuple[Place, ...] = ()

    def holes(self, document: Document, places: tuple[Place, ...]) -> None:
        """Send where the holes of the frames to come stand."""
        self._places = places
        lines = self._server.texts.lines(document)
        ranges = [from_span(lines, place.span, self._server.encoding) for place in places]
        self._send(version=document.version, ranges=ranges)

    def frame(self, frame: FrameEvent) -> None:
        """Send the canvas after one step."""
        shown = self._places[frame.hole].shown(frame.cells) if self._places else frame.cells
        cells = [
            {"text": cell.text, "state": cell.state.value, "confidence": cell.confidence} for cell in shown
        ]
        self._send(hole=frame.hole, step=frame.step, candidate=frame.candidate, cells=cells)

    def done(self, result: FillResult) -> None:
        """Send what the fill cost."""
        self._send(figures=wire_figures(result.figures))

    def _send(self, **params: object) -> None:
        self._server.protocol.notify(METHOD, {"token": self._token, **params})


def wire_figures(figures: FillFigures) -> dict[str, float]:
    """Figures as JSON."""
    return {
        "forwards": figures.forwards,
        "tokens": figures.tokens,
        "latencyMs": round(figures.latency_ms, 1),
        "contextTokens": figures.context_tokens,
        "cachedTokens": figures.cached_tokens,
    }
