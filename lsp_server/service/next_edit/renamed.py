"""Uses that lost their definition when it was renamed."""

from __future__ import annotations

from collections.abc import Iterator

from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.next_edit.candidate import Candidate, Reason, by_line
from lsp_server.service.next_edit.change import Change
from lsp_server.service.next_edit.substitution import renames, substitutions
from lsp_server.syntax.functions import functions_at
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.uses import calls, is_parameter, scope_of, uses


def renamed(document: Document, parsed: Parsed, change: Change) -> Iterator[Candidate]:
    """In the changed document itself: uses of each renamed name where it is no longer bound."""
    found = substitutions(change.before, change.after)
    for old, new in renames(found, change.before, change.after):
        at = next(change.span.start + each.at for each in found if (each.old, each.new) == (old, new))
        bound = next((use for use in uses(parsed, new, change.span) if use.binds), None)
        # what is imported in place of something else is something else, whatever it is used for
        if bound is None or bound.imports or not _bound_before(document, parsed, change, old):
            continue
        scope = None if bound.member else scope_of(parsed, bound)
        places = [use for use in uses(parsed, old, scope) if use.member == bound.member]
        if bound.member or not any(use.binds for use in places):
            spans = [use.span for use in places if not use.keyword and not use.binds]
            for edit in by_line(document.text, spans, new):
                yield Candidate(document, edit, Reason.RENAME, 1)
        if is_parameter(parsed, at):
            yield from _keywords(document, parsed, at, old, new)


def renamed_elsewhere(
    change: Change, parsed: Parsed, document: Document, other: Parsed
) -> Iterator[Candidate]:
    """In another document: uses of what was renamed on the outermost level of the changed one.

    `parsed` is the changed document, `other` belongs to `document`, which must not bind the name itself
    other than by an import.
    """
    found = substitutions(change.before, change.after)
    for old, new in renames(found, change.before, change.after):
        bound = next((use for use in uses(parsed, new, change.span) if use.binds), None)
        if (
            bound is None
            or bound.member
            or scope_of(parsed, bound)
            or any(use.binds for use in uses(parsed, old))
        ):
            continue
        for edit in by_line(document.text, [use.span for use in uses(other, old)], new):
            yield Candidate(document, edit, Reason.RENAME)


def _bound_before(document: Document, parsed: Parsed, change: Change, old: str) -> bool:
    """Whether the lines bound `old` before the change."""
    earlier = parse(change.undone(parsed.text), language_for(document.language, document.path))
    start = change.span.start
    return any(use.binds for use in uses(earlier, old, Span(start, start + len(change.before))))


def _keywords(document: Document, parsed: Parsed, at: int, old: str, new: str) -> Iterator[Candidate]:
    """Arguments given by the name of the parameter at `at`."""
    for function in functions_at(parsed, Span(at, at))[:1]:
        for call in calls(parsed, function.name):
            for argument in call.arguments:
                if argument.name == old:
                    start = argument.span.start
                    yield Candidate(document, Edit(Span(start, start + len(old)), new), Reason.RENAME, 1)
