"""Holes in held-out code, as editors make them: per language, from packages that nothing was trained on.

There are no tests, so these measure text only: exact match, similarity, and whether it parses.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import CompletionSettings
from lsp_server.core.text import indent_width
from lsp_server.core.types import Span
from lsp_server.evaluation.problems import Problem, json_lines
from lsp_server.syntax.extent import Extent, ExtentKind, extent_at
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse, span_of
from lsp_server.syntax.places import in_comment_or_string

PATTERN = "held_out-*.jsonl.gz"
HOLES = 120
"""Of a language, unless another number is asked for."""
SHORTEST, LONGEST = 4, 120
"""Characters of a line that holes are made in, without its indentation."""
MOST_LINES = 6
LARGEST = 200_000
_NO_CODE = ("#", "//", "/*", "*", "--", "<!--", '"""', "'''")
_FIELDS = {"text", "language", "path", "package"}
_HINT = "scripts/build_corpus writes them: one JSON object a line with text, language, path and package."

Choose = Callable[[Parsed, random.Random], Span | None]


def held_out_problems(path: Path, limit: int | None, seed: int) -> list[Problem]:
    """At most `limit` holes of each language, from a file or a folder of `PATTERN`.

    The kinds of holes take turns, and no document has two holes of a kind.

    Raises:
        BadInput: there is nothing there, it cannot be read, or is something else.
    """
    by_language: dict[str, list[dict[str, str]]] = {}
    for file in _files(path):
        for document in documents_of(file):
            by_language.setdefault(document["language"], []).append(document)
    problems = [
        problem
        for language in sorted(by_language)
        for problem in holes_in(by_language[language], HOLES if limit is None else limit, seed)
    ]
    if not problems:
        raise BadInput(f"{path} has no code to make holes in", hint=_HINT)
    return problems


def holes_in(documents: Sequence[dict[str, str]], limit: int, seed: int) -> list[Problem]:
    """At most `limit` holes; documents have text, language, path and package."""
    order = sorted(documents, key=lambda document: (document["package"], document["path"]))
    rng = random.Random(seed)  # noqa: S311 -- a sample, not a secret
    rng.shuffle(order)
    found: list[Problem] = []
    for turn in range(len(KINDS)):
        for number, document in enumerate(order):
            if len(found) == limit:
                return found
            kind = list(KINDS)[(number + turn) % len(KINDS)]
            problem = _hole(document, kind, random.Random(f"{seed} {turn} {number}"))  # noqa: S311 -- as above
            if problem is not None:
                found.append(problem)
    return found


def _hole(document: dict[str, str], kind: str, rng: random.Random) -> Problem | None:
    text = document["text"].replace("\r\n", "\n")
    if len(text) > LARGEST:
        return None
    parsed = parse(text, language_for(document["language"]))
    span = KINDS[kind](parsed, rng)
    if span is None:
        return None
    prefix, suffix = text[: span.start], text[span.end :]
    extent = extent_at(parse(prefix + suffix, parsed.language), span.start)
    several = kind == "lines"
    if extent.kind is ExtentKind.NONE or (several and not extent.multi_line):
        return None  # the server would not answer there, or only with a line
    server = CompletionSettings()
    return Problem(
        name=f"{document['package']}/{document['path']}:{text.count(chr(10), 0, span.start) + 1} {kind}",
        prefix=prefix,
        suffix=suffix,
        answer=text[span.start : span.end],
        benchmark=f"held-out {document['language']}",
        language=document["language"],
        max_lines=_lines_of(extent, server.max_lines) if several else 1,
        min_indent=extent.min_indent if several else None,
        max_tokens=server.max_tokens,
        windowed=True,
    )


def _lines_of(extent: Extent, most: int) -> int:
    """As `service/asking.py` has it."""
    return min(extent.max_lines or most, most) if extent.multi_line else 1


def whole_line(parsed: Parsed, rng: random.Random) -> Span | None:
    """A line of code behind its indentation."""
    return next(_code_lines(parsed, rng), None)


def rest_of_line(parsed: Parsed, rng: random.Random) -> Span | None:
    """A line from somewhere inside it to its end."""
    line = whole_line(parsed, rng)
    return None if line is None else Span(rng.randint(line.start + 1, line.end - 2), line.end)


def lines(parsed: Parsed, rng: random.Random) -> Span | None:
    """Two to `MOST_LINES` lines that belong together: nothing in them is indented less than the first."""
    text = parsed.text
    for first in _code_lines(parsed, rng):
        column = first.start - (text.rfind("\n", 0, first.start) + 1)
        ends = list(_ends(text, first.end, column))
        if ends:
            return Span(first.start, rng.choice(ends))
    return None


def expression(parsed: Parsed, rng: random.Random) -> Span | None:
    """The largest piece of syntax within a line that holds some place of it, but not the whole line."""
    for line in islice(_code_lines(parsed, rng), 20):
        at = rng.randint(line.start + 1, line.end - 2)
        node, best = parsed.node_at(Span(at, at + 1)), None
        while node is not None and line.contains(span_of(node)):
            span = span_of(node)
            if node.is_named and len(span) < len(line) - 1:
                best = span
            node = node.parent
        if best is not None and len(best) >= SHORTEST:
            return best
    return None


KINDS: dict[str, Choose] = {
    "rest-of-line": rest_of_line,
    "line": whole_line,
    "lines": lines,
    "expression": expression,
}


def _code_lines(parsed: Parsed, rng: random.Random) -> Iterator[Span]:
    """The lines that hold code, without indentation and trailing blanks, in random order."""
    spans = list(_lines(parsed.text))
    rng.shuffle(spans)
    yield from (span for span in spans if not in_comment_or_string(parsed, span.start + 1))


def _lines(text: str) -> Iterator[Span]:
    at = 0
    for line in text.split("\n"):
        code = line.strip()
        if SHORTEST <= len(code) <= LONGEST and not code.startswith(_NO_CODE):
            start = at + len(line) - len(line.lstrip())
            yield Span(start, start + len(code))
        at += len(line) + 1


def _ends(text: str, end: int, column: int) -> Iterator[int]:
    """Where up to `MOST_LINES` lines may end whose first one ends at `end`, two lines at least."""
    for _ in range(MOST_LINES - 1):
        if end >= len(text):
            return
        after = text.find("\n", end + 1)
        after = len(text) if after < 0 else after
        line = text[end + 1 : after]
        if not line.strip() or indent_width(line) < column:
            return
        end = after
        below = text[end + 1 :].partition("\n")[0]
        if not below.strip() or indent_width(below) <= column:
            yield end


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(path.glob(PATTERN))
        if not found:
            raise BadInput(f"{path} has no {PATTERN}", hint=_HINT)
        return found
    if not path.is_file():
        raise BadInput(f"there is no file or folder {path}", hint=_HINT)
    return [path]


def documents_of(path: Path) -> list[dict[str, str]]:
    """The documents of a file; raises `BadInput`."""
    try:
        documents = list(json_lines(path))
        missing = {name for document in documents for name in _FIELDS - document.keys()}
    except (OSError, EOFError, zlib.error, ValueError, AttributeError) as error:
        raise BadInput(f"{path} has no held-out documents: {error}", hint=_HINT) from error
    if missing:
        raise BadInput(f"{path} has documents without {', '.join(sorted(missing))}", hint=_HINT)
    return documents
