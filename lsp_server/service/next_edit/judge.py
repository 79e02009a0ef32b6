"""How much likelier the model finds a text than the one that stands in its place, seeing both sides.

Denoising with strength 0 masks nothing, and so answers with the base's probability of every token that stands
there: one pass for each text, over the same context.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from lsp_server.context.gather import Context, Gatherer
from lsp_server.core.edits import apply_in_turn
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import FillRequest, Piece, Snippet
from lsp_server.service.engine import Engine
from lsp_server.service.next_edit.candidate import Candidate, line_at
from lsp_server.service.next_edit.change import Change
from lsp_server.service.prompt import Prompt, Target, compose, unix
from lsp_server.syntax.parse import Parsed

BUDGET_MS = 10_000
"""It includes the time in which others are served first."""
SHOWN_CHANGES = 3
SHOWN_CHARS = 400
"""Of one change."""
_LEAST = 1e-9
_MOST_CHARS = 1_200
"""Of the lines that are judged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Log probabilities (nats) of the lines at the place, without the edit and with it."""

    before: float
    after: float

    @property
    def gain(self) -> float:
        """How much likelier the lines become, in nats."""
        return self.after - self.before


class Judge:
    """Asks the engine about candidates."""

    def __init__(self, *, gatherer: Gatherer, engine: Engine) -> None:
        self._gatherer = gatherer
        self._engine = engine

    async def verdict(
        self, candidate: Candidate, parsed: Parsed, changes: Sequence[Change], settings: Settings
    ) -> Verdict | None:
        """What the model thinks of it; None if it is too long to be asked about. Raises as the engine does.

        The line behind is judged along, since a line that is gone or new shows there.
        """
        document, edit = candidate.document, candidate.edit
        span = _with_next_line(document.text, line_at(document.text, edit.span))
        present = document.text[span.start : span.end]
        inner = type(edit)(edit.span.shifted(-span.start), edit.text)
        proposed = apply_in_turn(present, (inner,))
        if max(len(present), len(proposed)) > _MOST_CHARS:
            return None
        context = self._gatherer.gather(document, parsed, span, settings.context)
        shown = with_changes(context, document, changes)
        values = []
        for text in (present, proposed):
            prompt = compose(document, context, [Target(span, present=text, healed=False, strength=0.0)])
            result = await self._engine.fill(request_of(prompt, document, shown, settings))
            if not result.candidates:
                return None
            values.append(_log_probability(result.candidates[0].fills[0].pieces))
        return Verdict(*values)


def request_of(
    prompt: Prompt, document: Document, snippets: tuple[Snippet, ...], settings: Settings
) -> FillRequest:
    """Ask when nobody waits for anything, showing `snippets`."""
    request = prompt.request(document, settings, budget_ms=BUDGET_MS, ahead=True)
    # of no document, so as not to take the place of a fill that is made ahead there
    return msgspec.structs.replace(request, document="", snippets=snippets)


def with_changes(context: Context, document: Document, changes: Sequence[Change]) -> tuple[Snippet, ...]:
    """The snippets of `context`, and what the user wrote last outside of the window, oldest first.

    What stood there before is not shown: it makes the old text likelier everywhere.
    """
    window = Span(context.window.start, context.window.start + len(context.window.text))
    hidden = [
        change.after
        for change in reversed(changes[:SHOWN_CHANGES])
        if change.key != document.key or not window.contains(change.span)
    ]
    text = "\n".join(unix(after) for after in hidden if 0 < len(after) <= SHOWN_CHARS)
    return (*context.snippets, Snippet("edited", text)) if text else context.snippets


def _with_next_line(text: str, span: Span) -> Span:
    return line_at(text, Span(span.start, min(len(text), span.end + 1)))


def _log_probability(pieces: Sequence[Piece]) -> float:
    return sum(math.log(max(piece.confidence, _LEAST)) for piece in pieces)
