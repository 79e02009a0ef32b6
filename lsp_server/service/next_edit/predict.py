"""Predicting the next edit: places by syntax, the model as judge, silence when unsure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Silence
from lsp_server.service.documents import Documents
from lsp_server.service.engine import Engine, silence_of
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.candidate import Candidate, Reason
from lsp_server.service.next_edit.change import Change, History
from lsp_server.service.next_edit.judge import Judge, Verdict
from lsp_server.service.next_edit.propose import propose
from lsp_server.service.next_edit.refused import Refused
from lsp_server.service.next_edit.write import Writer

MOST_JUDGED = 3
"""Candidates that the model is asked about before there is silence."""
LEAST_GAIN = {Reason.RENAME: -15.0, Reason.PARAMETER: -6.0, Reason.IMPORT: -6.0, Reason.REPEAT: 2.0}
"""Nats by which the lines must become likelier. Below zero where syntax says nearly enough, as of a name
that is not bound any more: what is wrong by syntax may well be likely."""
ALIKE = 9
"""Tokens that agree at a place from which on it need not become likelier, only not less likely."""
MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class NextEdit:
    """A change to offer: `candidate.edit` of `candidate.document`."""

    id: str
    candidate: Candidate
    gain: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The next edit, or the reason for none."""

    edit: NextEdit | None = None
    silence: Silence | None = None


class NextEditor:
    """Predicts in documents that were just changed; on one event loop."""

    def __init__(
        self,
        *,
        documents: Documents,
        history: History,
        gate: Gate,
        judge: Judge,
        writer: Writer,
        engine: Engine,
        settings_for: Callable[[Document], Settings],
        ids: Callable[[], str],
    ) -> None:
        self._documents = documents
        self._history = history
        self._gate = gate
        self._judge = judge
        self._writer = writer
        self._engine = engine
        self._settings_for = settings_for
        self._ids = ids
        self._refused = Refused()
        self._turn = 0
        self._offered: dict[str, NextEdit] = {}

    async def predict(self, document: Document) -> Prediction:
        """What may be changed next, after the last change, which is in `document`.

        A newer question ends an older one.
        """
        self._turn += 1
        turn, settings = self._turn, self._settings_for(document)
        off = None if settings.next_edit.enabled else Silence.DISABLED
        if silence := off or self._gate.check(document, settings):
            return Prediction(silence=silence)
        changes = self._history.latest()
        if not any(change.key == document.key for change in changes[:1]):
            return Prediction(silence=Silence.NOT_HERE)
        found = await asyncio.to_thread(self._candidates, document, changes)
        try:
            for candidate in found:
                if turn != self._turn:
                    return Prediction(silence=Silence.SUPERSEDED)
                offered = await self._judged(candidate, changes, settings)
                if offered is not None:
                    return self._offer(*offered, turn)
        except RemaskError as error:
            return Prediction(silence=silence_of(error, self._engine.status))
        return Prediction(silence=Silence.LOW_CONFIDENCE if found else Silence.NOTHING_TO_CHANGE)

    def taken(self, edit_id: str) -> bool:
        """The edit of this id was accepted; False for an id not known (any more)."""
        return self._offered.pop(edit_id, None) is not None

    def refused(self, edit_id: str) -> bool:
        """The edit of this id is not wanted; False for an id not known (any more)."""
        edit = self._offered.pop(edit_id, None)
        if edit is not None:
            self._refused.refused(edit.candidate)
        return edit is not None

    def _candidates(self, document: Document, changes: Sequence[Change]) -> list[Candidate]:
        others = [other for other in self._documents.all() if self._may_show(other)]
        found = propose(document, changes, self._documents.parsed_for, others)
        return list(islice((each for each in found if each not in self._refused), MOST_JUDGED))

    def _may_show(self, other: Document) -> bool:
        return self._gate.check(other, self._settings_for(other)) is None

    async def _judged(
        self, candidate: Candidate, changes: Sequence[Change], settings: Settings
    ) -> tuple[Candidate, Verdict] | None:
        """The candidate, whole, with what the model thinks of it; None if that is not enough."""
        parsed = await asyncio.to_thread(self._documents.parsed_for, candidate.document)
        whole: Candidate | None = candidate
        if not candidate.written:
            whole = await self._writer.written(candidate, parsed, changes, settings)
        if whole is None or whole in self._refused:
            return None
        verdict = await self._judge.verdict(whole, parsed, changes, settings)
        least = _least_gain(whole) if candidate.written else 0.0
        enough = verdict is not None and verdict.gain >= least
        return (whole, verdict) if verdict is not None and enough else None

    def _offer(self, candidate: Candidate, verdict: Verdict, turn: int) -> Prediction:
        """The candidate as an offer, unless its document or the question is not the newest any more."""
        document = candidate.document
        if turn != self._turn or self._documents.get(document.key) != document:
            return Prediction(silence=Silence.STALE)
        edit = NextEdit(self._ids(), candidate, verdict.gain)
        self._refused.offered(candidate)
        self._offered[edit.id] = edit
        while len(self._offered) > MOST_KEPT:
            del self._offered[next(iter(self._offered))]
        return Prediction(edit)


def _least_gain(candidate: Candidate) -> float:
    return 0.0 if candidate.weight >= ALIKE else LEAST_GAIN[candidate.reason]
