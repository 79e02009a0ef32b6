"""The documents of a workspace that hold a word: as the editor has them, else as on disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lsp_server.context.workspace import Workspace
from lsp_server.core.types import Document
from lsp_server.service.across.edited import text_on_disk
from lsp_server.service.documents import Documents
from lsp_server.syntax.languages import language_of_path

MOST_READ = 5_000
"""Files that are looked into for one question."""
UNOPENED = -1
"""The revision of a document that is not open."""


@dataclass(frozen=True, slots=True)
class Found:
    """The documents in the order of their paths; `unread` files more there are than may be looked into."""

    documents: tuple[Document, ...]
    unread: int = 0


class Files:
    """Looks for words in open documents and in the files that the workspace knows."""

    def __init__(
        self, *, documents: Documents, workspace: Workspace, may_show: Callable[[Document], bool]
    ) -> None:
        self._documents = documents
        self._workspace = workspace
        self._may_show = may_show

    def holding(self, words: Collection[str], languages: Collection[str]) -> Found:
        """The documents with one of `words` in them. Reads files, so not for the event loop."""
        pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sorted(words)))
        opened = [each for each in self._documents.all() if not each.notebook]
        mine = {self._workspace.real_path(each.path) for each in opened if each.path is not None}
        found = [each for each in opened if each.language in languages and self._may_show(each)]
        paths = sorted(path for path in self._workspace.index.paths() if path not in mine)
        paths = [path for path in paths if _language(path) in languages]
        found += self._read(islice(paths, MOST_READ), words, pattern)
        holding = (each for each in found if pattern.search(each.text))
        ordered = sorted(holding, key=lambda each: (str(each.path or ""), each.key))
        return Found(tuple(ordered), max(0, len(paths) - MOST_READ))

    def _read(
        self, paths: Iterable[Path], words: Collection[str], pattern: re.Pattern[str]
    ) -> Iterator[Document]:
        for path in paths:
            text = text_on_disk(path)
            if text is not None and any(word in text for word in words) and pattern.search(text):
                document = Document(path.as_uri(), _language(path), text, path, revision=UNOPENED)
                if self._may_show(document):
                    yield document


def _language(path: Path) -> str:
    known = language_of_path(path)
    return known.id if known is not None else ""
