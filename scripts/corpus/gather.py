"""From a package's archives to its documents, kept in the work folder."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from corpus.archives import read_archive
from corpus.licences import other_files
from corpus.packages import Package
from lsp_server.context.reading import decode
from lsp_server.context.secrets import HARMLESS_NAMES, NAMES, TEXTS
from lsp_server.training.corpus import filters, generated
from lsp_server.training.corpus.documents import CorpusDocument, read_documents, write_documents
from lsp_server.training.corpus.filters import wanted_language, why_not_path, why_not_text
from lsp_server.training.corpus.reasons import Reason

MOST_CHARS = 2_500_000
"""Code points of a package; more of one would drown the others."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a package gave, by path, and how many of its files were left out, by reason."""

    documents: tuple[CorpusDocument, ...]
    dropped: Counter[Reason]


def gather(package: Package, archives: Sequence[Path], work: Path) -> Gathered:
    """The documents of a package, from the work folder if they were made there by the same rules."""
    stem = work / "documents" / f"{package.key}-{_rules(package)}"
    documents, counts = stem.with_name(stem.name + ".jsonl.gz"), stem.with_name(stem.name + ".json")
    if counts.exists():
        dropped = {Reason(reason): count for reason, count in json.loads(counts.read_text("utf-8")).items()}
        return Gathered(tuple(read_documents(documents)), Counter(dropped))
    made = _gather(package, archives)
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_documents(made.documents, documents)
    counts.write_text(json.dumps(made.dropped), "utf-8")
    return made


def _rules(package: Package) -> str:
    """Changes with the rules that decide about a single file."""
    code = [Path(module.__file__ or "").read_text("utf-8") for module in (filters, generated)]
    parts = [*code, Path(__file__).read_text("utf-8"), repr(package), repr((NAMES, HARMLESS_NAMES, TEXTS))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _gather(package: Package, archives: Sequence[Path]) -> Gathered:
    dropped: Counter[Reason] = Counter()

    others = other_files(archives)

    def wanted(path: str) -> bool:
        reason = None if package.takes(path) else Reason.PLACE
        if any(fnmatchcase(path, pattern) for pattern in others):
            reason = Reason.LICENCE
        reason = reason or why_not_path(path)
        if reason is not None:
            dropped[reason] += 1
        return reason is None

    files: dict[str, bytes] = {}
    for archive in archives:
        if ".debian." not in archive.name and archive.suffix != ".dsc":
            files.update(read_archive(archive, wanted))
    kept: list[CorpusDocument] = []
    room = MOST_CHARS
    for path in sorted(files, key=_shuffled):
        found = Reason.CAPPED if room <= 0 else _document(package, path, files[path])
        if isinstance(found, Reason):
            dropped[found] += 1
        else:
            kept.append(found)
            room -= len(found.text)
    return Gathered(tuple(sorted(kept, key=lambda document: document.path)), dropped)


def _shuffled(path: str) -> bytes:
    """An order in which the first files of a package are from all of its folders."""
    return hashlib.sha256(path.encode("utf-8", "replace")).digest()


def _document(package: Package, path: str, data: bytes) -> CorpusDocument | Reason:
    text = decode(data)
    language = wanted_language(path)
    if text is None or language is None:
        return Reason.UNREADABLE
    text = text.replace("\r\n", "\n")
    reason = why_not_text(path, text, language.id)
    return reason or CorpusDocument(text, language.id, path, package.name, package.licence)
