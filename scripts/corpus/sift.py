"""Leaving out what is there already and what a model is measured on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lsp_server.training.corpus.contamination import Contamination
from lsp_server.training.corpus.documents import CorpusDocument
from lsp_server.training.corpus.duplicates import ExactDuplicates, NearDuplicates
from lsp_server.training.corpus.reasons import Reason


@dataclass(slots=True)
class Sieve:
    """Looks at one document after the other; what went through first stays.

    So what is held out goes first: nothing like it is trained on. `contaminated` are
    the packages and paths of what overlaps with a benchmark.
    """

    contamination: Contamination
    dropped: Counter[Reason] = field(default_factory=Counter)
    contaminated: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _exact: ExactDuplicates = field(default_factory=ExactDuplicates)
    _near: NearDuplicates = field(default_factory=NearDuplicates)

    def sift(self, documents: Iterable[CorpusDocument]) -> Iterator[CorpusDocument]:
        """Those of `documents` that are kept."""
        for document in documents:
            reason = self._why_not(document)
            if reason is None:
                yield document
            else:
                self.dropped[reason] += 1

    def _why_not(self, document: CorpusDocument) -> Reason | None:
        if self._exact.known(document.text):
            return Reason.EXACT
        if self.contamination.found_in(document.text):
            self.contaminated[document.package].append(document.path)
            return Reason.CONTAMINATED
        return Reason.NEAR if self._near.known(document.text) else None
