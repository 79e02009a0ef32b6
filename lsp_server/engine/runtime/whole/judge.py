"""How likely other texts are where code stands now, as a family finds them that sees both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from lsp_server.engine.protocol import FillRequest, Question
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.sight import Sight

See = Callable[[str, str], Sight]
"""What stands in a hole between two texts sees."""


class Judge:
    """Answers the questions of a request; `forwards` counts passes."""

    def __init__(self, vocabulary: Vocabulary, blank: Callable[[], int], see: See) -> None:
        self._vocabulary = vocabulary
        self._blank = blank
        self._see = see
        self.forwards: float = 0

    @torch.inference_mode()
    def judge(self, request: FillRequest) -> tuple[tuple[float, ...], ...]:
        """See `FillResult.judged`."""
        return tuple(self._question(request.text, question) for question in request.questions)

    def _question(self, text: str, question: Question) -> tuple[float, ...]:
        before, after = text[: question.start], text[question.end :]
        encode = self._vocabulary.encode
        present = self._nats(before, after, encode(text[question.start : question.end]))
        return tuple(self._nats(before, after, encode(other)) - present for other in question.alternatives)

    def _nats(self, before: str, after: str, tokens: Sequence[int]) -> float:
        """Log probability of `tokens` in a canvas of their length, left to right as they become known."""
        sight, nats = self._see(before, after), 0.0
        for place, token in enumerate(tokens):
            canvas = [*tokens[:place], *[self._blank() for _ in tokens[place:]]]
            nats += float(sight.logits(canvas)[place].log_softmax(-1)[token])
        self.forwards += sight.forwards
        return nats
