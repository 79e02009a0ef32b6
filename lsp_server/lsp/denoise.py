"""`remask/denoise`: the canvas of a fill, step by step, for clients that draw it.

    {token, hole, step, candidate, cells: [{text, state, confidence}]}    after every step
    {token, figures: {forwards, tokens, latencyMs, contextTokens, cachedTokens}}    at the end

`token` is the client's own: the work-done token of an inline completion whose
client has the capability `experimental.remaskDenoise`, or the `token` a client
puts into a command's argument or a code action's data.
"""

from __future__ import annotations

from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import FillResult, FrameEvent
from lsp_server.lsp.server import RemaskServer

METHOD = "remask/denoise"


class DenoiseReporter:
    """A `Watcher` that tells the client."""

    def __init__(self, server: RemaskServer, token: str | int) -> None:
        self._server = server
        self._token = token

    def frame(self, frame: FrameEvent) -> None:
        """Send the canvas after one step."""
        cells = [
            {"text": cell.text, "state": cell.state.value, "confidence": cell.confidence}
            for cell in frame.cells
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
