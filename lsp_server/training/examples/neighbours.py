"""Snippets from other files of a document's package, chosen and laid out by the server's own code."""

from __future__ import annotations

import random
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from lsp_server.context.imports import family, imports_of, resolve
from lsp_server.context.index import Index, IndexedFile, index_text
from lsp_server.context.pack import fit, lay_out
from lsp_server.context.recent import Region
from lsp_server.context.relevance import Place, relevant
from lsp_server.context.secrets import holds_secret
from lsp_server.context.tokens import chars_in
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Snippet
from lsp_server.syntax.languages import language_for
from lsp_server.training.examples.page import Page, Source

MOST_IMPORTED = 8
MOST_BESIDE = 4
"""Files in the same folder that are looked into beside the imported ones."""
LARGEST = 100_000
"""Code points of a file that is looked into."""

ROOMS = ((96, 2), (192, 6), (384, 2))
"""Tokens for snippets, and how often; the server gives them 192."""
_EDITED = 0.3
"""How often something in another file was edited lately."""
_REGION_CHARS = 200
_KEPT = 512


class Neighbours:
    """The files around each of some documents, which are known by their number."""

    def __init__(self, documents: Sequence[Source]) -> None:
        self._documents = documents
        self._packages: defaultdict[str, list[int]] = defaultdict(list)
        for number, document in enumerate(documents):
            self._packages[document.package].append(number)
        self._paths: OrderedDict[str, tuple[dict[Path, int], Index]] = OrderedDict()
        self._files: OrderedDict[int, IndexedFile] = OrderedDict()

    def around(self, number: int, rng: random.Random) -> Neighbourhood:
        """The files that document `number` imports, and some beside it."""
        document, path = self._documents[number], Path(self._documents[number].path)
        numbers, names = self._package(document.package)
        found: dict[Path, None] = {}
        for each in imports_of(document.text, document.language):
            found.update(dict.fromkeys(resolve(each, path, names, document.language)))
        chosen = list(found)[:MOST_IMPORTED]
        related = family(document.language)
        beside = [
            other
            for other, at in numbers.items()
            if other.parent == path.parent
            and other not in found
            and other != path
            and self._documents[at].language in related
        ]
        chosen += rng.sample(beside, min(len(beside), MOST_BESIDE))
        others = [at for other in chosen if len(self._documents[at := numbers[other]].text) <= LARGEST]
        index = Index()
        for at in {number, *others}:
            index.put(self._indexed(at))
        return Neighbourhood(index, tuple(self._documents[at] for at in others))

    def _package(self, name: str) -> tuple[dict[Path, int], Index]:
        """The numbers of a package's files by path, and an index that knows their names alone."""
        known = self._paths.get(name)
        if known is None:
            numbers = {Path(self._documents[number].path): number for number in self._packages[name]}
            names = Index()
            for path, number in numbers.items():
                names.put(IndexedFile(path, self._documents[number].language, ()))
            known = self._paths[name] = numbers, names
            if len(self._paths) > _KEPT:
                self._paths.popitem(last=False)
        return known

    def _indexed(self, number: int) -> IndexedFile:
        file = self._files.get(number)
        if file is None:
            document = self._documents[number]
            file = index_text(Path(document.path), language_for(document.language), document.text)
            self._files[number] = file
            if len(self._files) > _KEPT:
                self._files.popitem(last=False)
        return file


class Neighbourhood:
    """What is known of the files around one document."""

    def __init__(self, index: Index, others: Sequence[Source]) -> None:
        self._index = index
        self._others = others

    def snippets(self, page: Page, hole: Span, rng: random.Random) -> tuple[Snippet, ...]:
        """What the server would show for `hole` with these files in its workspace; often nothing."""
        (tokens,) = rng.choices([size for size, _ in ROOMS], [weight for _, weight in ROOMS])
        room = chars_in(tokens)
        path = Path(page.document.path)
        document = Document("", page.language.id, page.text, path)
        place = Place(document, path, page.parsed, hole)
        items = relevant(place, self._index, self._regions(rng))
        return lay_out(fit(items, room, Path.as_posix), Path.as_posix)

    def _regions(self, rng: random.Random) -> Iterator[Region]:
        """Some lines of another file, as if they had been edited lately."""
        if not self._others or rng.random() > _EDITED:
            return
        other = rng.choice(self._others)
        text = other.text.replace("\r\n", "\n")
        start = text.rfind("\n", 0, rng.randrange(len(text) + 1)) + 1
        end = text.rfind("\n", start, start + _REGION_CHARS)
        if end > start and text[start:end].strip() and not holds_secret(text[start:end]):
            yield Region(Document("", other.language, text, Path(other.path)), Span(start, end))
