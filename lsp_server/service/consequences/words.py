"""What follows from a new name beyond the code: words about it, keys, and names that were made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.consequences.changed import Changed
from lsp_server.service.next_edit.candidate import Candidate, Reason, joined, line_at
from lsp_server.syntax.members import class_of_name
from lsp_server.syntax.mentions import Text, mentions
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.signatures import signatures
from lsp_server.syntax.uses import Use, call_at, scope_of, uses

LEAST_GAIN = {Text.COMMENT: 2.0, Text.DOCSTRING: 2.0, Text.STRING: 4.0, Text.KEY: 4.0}
"""Nats by which the lines must become likelier."""
LEAST_GAIN_DERIVED = 2.0
_ASSIGNED = re.compile(r"\s*(?:const |let |var )?([^\W\d]\w*)\s*=(?!=)\s*(?:await |new )?")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Wording:
    """What may follow: all of `edits`, if the model finds `candidate`, which is them as one, likelier."""

    candidate: Candidate
    edits: tuple[Edit, ...]
    least: float


def exported(parsed: Parsed, changed: Changed) -> Iterator[Edit]:
    """Where the module itself says that it gives the name to others."""
    for each in mentions(parsed, changed.old) if changed.old != changed.new else ():
        if each.text is Text.EXPORT:
            yield Edit(each.span, changed.new)


def spoken_of(document: Document, parsed: Parsed, changed: Changed, *, home: bool) -> Iterator[Wording]:
    """Mentions of the old names in a document in which the code has the new ones, those of a line at once."""
    pairs: list[tuple[str, str, Span | None]] = []
    if changed.old != changed.new:
        pairs.append((changed.old, changed.new, None))
    if home and changed.now is not None:
        around = _function(parsed, changed)
        pairs += [(old, new, around) for old, new in changed.parameters if around is not None]
    for old, new, within in pairs:
        found = [each for each in mentions(parsed, old, within) if each.text is not Text.EXPORT]
        for _, line in groupby(found, key=lambda each: line_at(document.text, each.span)):
            group = list(line)
            least = max(LEAST_GAIN[each.text] for each in group)
            yield _wording(document, [Edit(each.span, new) for each in group], least)


def derived(
    document: Document, parsed: Parsed, changed: Changed, called: Sequence[Span]
) -> Iterator[Wording]:
    """Variables that hold what the renamed thing gave and are called after it, all of their uses at once.

    `called` are its uses, in the document's text.
    """
    old, new = _snake(changed.old), _snake(changed.new)
    if old == new or changed.holder or len(old) < 3:
        return
    seen: set[tuple[str, Span | None]] = set()
    for span in called:
        bound = _assigned(parsed, span)
        name = parsed.text[bound.span.start : bound.span.end] if bound is not None else ""
        other = _with(name, old, new)
        if bound is None or other is None or class_of_name(parsed, bound.span):
            continue
        scope = scope_of(parsed, bound)
        if scope is None or (name, scope) in seen or any(use.binds for use in uses(parsed, other, scope)):
            continue
        seen.add((name, scope))
        mine = [use for use in uses(parsed, name, scope) if not (use.member or use.keyword)]
        yield _wording(document, [Edit(use.span, other) for use in mine], LEAST_GAIN_DERIVED)


def _assigned(parsed: Parsed, span: Span) -> Use | None:
    """The name to which the call at `span` is assigned, on the same line."""
    call = call_at(parsed, span)
    if call is None:
        return None
    start = parsed.text.rfind("\n", 0, span.start) + 1
    match = re.match(
        r"\s*(?:const |let |var )?([^\W\d]\w*)\s*=(?!=)\s*(?:await |new )?", parsed.text[start : span.start]
    )
    if match is None or start + match.end() != span.start:
        return None
    place = Span(start + match.start(1), start + match.end(1))
    return next((use for use in uses(parsed, match[1], place) if use.binds and not use.member), None)


def _with(name: str, old: str, new: str) -> str | None:
    """`name` with the words of `old` become those of `new`; None if it does not have them."""
    words, gone = name.split("_"), old.split("_")
    for at in range(len(words) - len(gone) + 1):
        if words[at : at + len(gone)] == gone:
            return "_".join([*words[:at], *new.split("_"), *words[at + len(gone) :]])
    return None


def _snake(name: str) -> str:
    return _CAMEL.sub("_", name).lower().strip("_")


def _function(parsed: Parsed, changed: Changed) -> Span | None:
    """All of the changed function, where the text is by now."""
    now = changed.now
    named = (now.name, now.holder) if now is not None else None
    return next((each.span for each in signatures(parsed) if (each.name, each.holder) == named), None)


def _wording(document: Document, edits: Sequence[Edit], least: float) -> Wording:
    candidate = Candidate(document, joined(document.text, edits), Reason.RENAME, 1)
    return Wording(candidate, tuple(edits), least)
