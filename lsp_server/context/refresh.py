"""Bringing the index in line with the disk and the open documents; all on one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from lsp_server.context.crawl import crawl
from lsp_server.context.exclude import Exclusion
from lsp_server.context.ignore import changes_rules
from lsp_server.context.index import Index, index_text, indexable
from lsp_server.context.reading import Stamp, read_text, stamp_of
from lsp_server.core.types import Document
from lsp_server.syntax.languages import Language, language_for, language_of_path

log = logging.getLogger(__name__)

_ENTRIES_PER_FILE = 10
"""How many directory entries may be looked at for each file that may be indexed."""


class Refresher:
    """Keeps `index` true. Between two files of a long scan it calls `between`, and stops if that is false."""

    def __init__(
        self,
        index: Index,
        exclusion: Exclusion,
        *,
        max_files: int,
        max_file_bytes: int,
        between: Callable[[], bool],
    ) -> None:
        self._index = index
        self._exclusion = exclusion
        self._max_files = max_files
        self._max_file_bytes = max_file_bytes
        self._between = between
        self._open: set[Path] = set()

    def scan_roots(self) -> None:
        """Look at every file of every root; forget what lies in none or is gone."""
        self._exclusion.forget()
        roots = self._exclusion.roots
        for path in self._index.paths():
            if path not in self._open and not any(path.is_relative_to(root) for root in roots):
                self._index.drop(path)
        for root in roots:
            if not self._scan(root):
                return

    def refresh(self, paths: set[Path]) -> None:
        """Look at paths to which something happened: files or folders, there or gone."""
        if any(map(changes_rules, paths)):
            self.scan_roots()
            return
        known = {path for path in paths if self._exclusion.root_of(path) is not None}
        no_folders = {path for path in known if not path.is_dir()}
        for path in self._index.below(*no_folders):
            if path not in no_folders:
                self._drop(path)
        for path in sorted(known):
            if not self._look_at(path):
                return

    def apply_overlays(self, overlays: Mapping[Path, Document | None]) -> None:
        """Take in the text of open documents, and the disk's again for those that were closed."""
        for path, document in overlays.items():
            if document is None:
                self._open.discard(path)
                self._read(path)
            else:
                self._open.add(path)
                self._index_document(path, document)

    def _look_at(self, path: Path) -> bool:
        """Look at a file or a folder; False if interrupted."""
        if path.is_dir() and not path.is_symlink():
            return self._scan(path)
        return not self._read(path) or self._between()

    def _scan(self, folder: Path) -> bool:
        """Look at every file below `folder`; False if interrupted."""
        seen: set[Path] = set()
        if not self._exclusion.folder_ignored(folder):
            most = self._max_files * _ENTRIES_PER_FILE
            for path in crawl(folder, self._exclusion.folder_ignored, most=most):
                seen.add(path)
                if self._read(path) and not self._between():
                    return False
        for path in self._index.below(folder):
            if path not in seen:
                self._drop(path)
        return True

    def _read(self, path: Path) -> bool:
        """Bring the index in line with one file on disk; whether that took reading it."""
        if path in self._open:
            return False
        stamp, known = stamp_of(path), self._index.get(path)
        wanted = stamp is not None and self._wanted(path)
        if wanted and known is not None and known.stamp == stamp:
            return False
        language = language_of_path(path)
        if not wanted or language is None or (known is None and len(self._index) >= self._max_files):
            self._drop(path)
            return False
        text = read_text(path, self._max_file_bytes)
        if text is None:
            self._drop(path)
            return True
        self._put(path, language, text, stamp)
        return True

    def _index_document(self, path: Path, document: Document) -> None:
        language = language_for(document.language, path)
        unfit = len(document.text) > self._max_file_bytes or "\0" in document.text
        if unfit or not indexable(language) or self._exclusion.verdict(path) is not None:
            self._index.drop(path)
            return
        self._put(path, language, document.text, None)

    def _wanted(self, path: Path) -> bool:
        return indexable(language_of_path(path)) and self._exclusion.verdict_of_real(path) is None

    def _drop(self, path: Path) -> None:
        if path not in self._open:
            self._index.drop(path)

    def _put(self, path: Path, language: Language, text: str, stamp: Stamp | None) -> None:
        try:
            self._index.put(index_text(path, language, text, stamp))
        except Exception as error:  # noqa: BLE001 - one odd file must not end the index of all others
            self._index.drop(path)
            log.warning("a file could not be indexed: %s", type(error).__name__)
