"""Python's imports: of what is used since the change, and of what is not used any more."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.next_edit.candidate import Candidate, Reason, line_at
from lsp_server.service.next_edit.change import Change
from lsp_server.service.next_edit.substitution import NAME
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.uses import uses

_PLAIN = re.compile(r"^import (\w+)[ \t]*$", re.MULTILINE)
_FROM = re.compile(r"^from [\w.]+ import (?:\(([^()]*)\)|([^()\n]+))$", re.MULTILINE)
_TOP = re.compile(r"^(?:import \w+|from [\w.]+ import ).*$", re.MULTILINE)
_SPEAKS_FOR_OTHERS = "__init__"


def imports(document: Document, parsed: Parsed, change: Change) -> Iterator[Candidate]:
    """An import that the change made needless, or needed; of the standard library's modules if needed."""
    if document.language != "python" or parsed.root is None:
        return
    before, after = set(NAME.findall(change.before)), set(NAME.findall(change.after))
    if document.path is None or document.path.stem != _SPEAKS_FOR_OTHERS:
        for name in sorted(before - after):
            if len(re.findall(rf"\b{re.escape(name)}\b", document.text)) == 1:
                yield from _needless(document, name)
    for name in sorted(after - before):
        if name in sys.stdlib_module_names and _used_as_module(document, parsed, change, name):
            yield from _needed(document, name)


def _needless(document: Document, name: str) -> Iterator[Candidate]:
    text = document.text
    for match in _PLAIN.finditer(text):
        if match[1] == name:
            yield _import(document, Edit(Span(match.start(), _behind_line(text, match.end())), ""))
            return
    for match in _FROM.finditer(text):
        group = 1 if match[1] is not None else 2
        start = match.start(group)
        names = [each for each in re.finditer(r"[^,]+", match[group]) if each[0].strip()]
        for number, each in enumerate(names):
            if each[0].strip() != name:
                continue
            if len(names) == 1:
                yield _import(document, Edit(Span(match.start(), _behind_line(text, match.end())), ""))
            elif number + 1 < len(names):
                first = start + each.start() + len(each[0]) - len(each[0].lstrip())
                following = names[number + 1]
                blank = len(following[0]) - len(following[0].lstrip())
                yield _import(document, Edit(Span(first, start + following.start() + blank), ""))
            else:
                yield _import(document, Edit(Span(start + names[number - 1].end(), start + each.end()), ""))
            return


def _used_as_module(document: Document, parsed: Parsed, change: Change, name: str) -> bool:
    """Whether the changed lines use `name` with a dot behind it, and nothing in the file defines it."""
    found = uses(parsed, name)
    if any(use.binds for use in found):
        return False
    here = (use for use in found if change.span.contains(use.span) and not use.member)
    return any(document.text.startswith(".", use.span.end) for use in here)


def _needed(document: Document, name: str) -> Iterator[Candidate]:
    """`import name` where it belongs by the alphabet among plain imports, else before the first import."""
    text, line = document.text, f"import {name}\n"
    plain = list(_PLAIN.finditer(text))
    if plain:
        after = [each for each in plain if each[1] < name]
        at = _behind_line(text, after[-1].end()) if after else plain[0].start()
    else:
        found = [each for each in _TOP.finditer(text) if "__future__" not in each[0]]
        if not found:
            return
        at = found[0].start()
    yield _import(document, Edit(Span(at, at), line))


def _import(document: Document, edit: Edit) -> Candidate:
    return Candidate(document, edit, Reason.IMPORT, 1)


def _behind_line(text: str, at: int) -> int:
    return min(len(text), line_at(text, Span(at, at)).end + 1)
