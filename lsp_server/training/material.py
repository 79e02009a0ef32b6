"""Documents to train on and documents that are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lsp_server.core.errors import BadInput
from lsp_server.training.corpus.documents import HELD_OUT, CorpusDocument, read_corpus, shards
from lsp_server.training.corpus.repository import Repository
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.interface import Source

HELD_OUT_SHARE = 0.1
LEAST_FILES = 8
"""Files of a repository below which there is nothing to learn."""
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Material:
    """What is trained on and what is not. `left_out` counts files by the reason why they are neither."""

    train: Sequence[CorpusDocument]
    held_out: Sequence[CorpusDocument]
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Changes when what is trained on does."""
        digest = hashlib.blake2b(digest_size=8)
        for document in self.train:
            digest.update(f"{document.package}\0{document.path}\0{document.text}\0".encode(errors="replace"))
        return digest.hexdigest()


def of_repository(path: Path) -> Material:
    """The code of a user's repository, without ignored and secret files.

    Raises:
        BadInput: there is no such folder, or too little code in it.
    """
    repository = Repository(path)
    documents = list(repository.documents())
    left_out = {str(reason): count for reason, count in repository.dropped.most_common()}
    if len(documents) < LEAST_FILES:
        said = ", ".join(f"{reason} ({count})" for reason, count in left_out.items())
        raise BadInput(
            f"{path} has {len(documents)} files of code to learn from, and at least {LEAST_FILES} are needed",
            hint=f"Left out: {said}." if said else "Train on a larger one.",
        )
    return replace(split(documents), left_out=left_out)


def of_corpora(folders: Sequence[Path]) -> Material:
    """The shards in `folders`; where one has none that are held out, a tenth of its documents is.

    Raises:
        BadInput: a folder has no shards, or cannot be read.
    """
    train: list[CorpusDocument] = []
    held_out: list[CorpusDocument] = []
    for folder in folders:
        documents = list(read_corpus(folder))
        if folder.is_dir() and shards(folder, HELD_OUT):
            train += documents
            held_out += read_corpus(folder, HELD_OUT)
        else:
            found = split(documents)
            train += found.train
            held_out += found.held_out
    if not train:
        raise BadInput("there is nothing to train on")
    return Material(train, held_out)


def split(documents: Iterable[CorpusDocument], share: float = HELD_OUT_SHARE) -> Material:
    """Hold `share` of the documents out, at least one of two.

    A document's name decides, so it stays on its side whatever becomes of the others.
    """
    known = sorted(documents, key=_place)
    count = sum(_place(each) < share for each in known)
    if len(known) > 1:
        count = min(max(count, 1), len(known) - 1)
    return Material(known[count:], known[:count])


def some_examples(source: Source, count: int) -> list[Example]:
    """The first `count` examples that exist; fewer where there are hardly any."""
    found: list[Example] = []
    for index in range(_TRIES * count):
        example = source.at(index)
        if example is not None:
            found.append(example)
        if len(found) == count:
            break
    return found


def _place(document: CorpusDocument) -> float:
    """From 0 to 1, evenly, by package and path."""
    name = f"{document.package}\0{document.path}".encode(errors="replace")
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest()) / 2**64
