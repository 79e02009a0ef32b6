"""The documents of a repository, for training on one's own code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lsp_server.context.crawl import crawl
from lsp_server.context.exclude import Exclusion, real
from lsp_server.context.reading import read_text
from lsp_server.core.errors import BadInput
from lsp_server.core.types import Silence
from lsp_server.training.corpus.documents import CorpusDocument
from lsp_server.training.corpus.duplicates import ExactDuplicates
from lsp_server.training.corpus.filters import LARGEST, wanted_language, why_not_text
from lsp_server.training.corpus.reasons import Reason

MOST_ENTRIES = 500_000
_BYTES_PER_CHAR = 4
_REASONS = {Silence.PRIVATE_FILE: Reason.PRIVATE}


class Repository:
    """The code of a folder, as far as the server would show it to the model.

    Ignored and private files, texts with secrets, generated and minified files
    and copies are left out; `dropped` counts them once `documents` ran through.

    Raises:
        BadInput: it is no folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise BadInput(f"{folder} is no folder", hint="Give the folder of a repository to train on.")
        self._folder = real(folder)
        self._exclusion = Exclusion()
        self._exclusion.set_roots([self._folder])
        self.dropped: Counter[Reason] = Counter()

    def documents(self) -> Iterator[CorpusDocument]:
        """Every document worth training on, in a stable order; the licence is the user's own affair."""
        self.dropped.clear()
        known = ExactDuplicates()
        for path in crawl(self._folder, self._exclusion.folder_ignored, most=MOST_ENTRIES):
            found = self._read(path)
            if isinstance(found, CorpusDocument) and known.known(found.text):
                found = Reason.EXACT
            if isinstance(found, Reason):
                self.dropped[found] += 1
            else:
                yield found

    def _read(self, path: Path) -> CorpusDocument | Reason:
        within = path.relative_to(self._folder).as_posix()
        language = wanted_language(within)
        if language is None:
            return Reason.UNKNOWN
        silence = self._exclusion.verdict_of_real(path)
        if silence is not None:
            return _REASONS.get(silence, Reason.IGNORED)
        text = read_text(path, LARGEST * _BYTES_PER_CHAR)
        if text is None:
            return Reason.UNREADABLE
        reason = why_not_text(within, text, language.id, permissive_only=False)
        return reason or CorpusDocument(text, language.id, within, self._folder.name)
