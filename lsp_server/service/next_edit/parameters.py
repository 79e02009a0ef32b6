"""Calls that no longer fit the function whose parameters were changed."""

from __future__ import annotations

from collections.abc import Iterator

from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.next_edit.candidate import Candidate, Reason
from lsp_server.service.next_edit.change import Change
from lsp_server.syntax.functions import Function, function_named, functions_at
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.uses import Call, calls, scope_at, uses

_SEPARATOR = ", "


def parameters(
    document: Document, parsed: Parsed, change: Change, other: tuple[Document, Parsed] | None = None
) -> Iterator[Candidate]:
    """In `document`, or in an `other` one: calls that lack a new parameter or still give one that is gone.

    One that may be left out is no reason to change a call.
    """
    earlier = parse(change.undone(parsed.text), language_for(document.language, document.path))
    where, there = other or (document, parsed)
    for now in functions_at(parsed, change.span):
        before = function_named(earlier, now.name, now.span.start)
        if before is None or before.parameters == now.parameters:
            continue
        for call in calls(there, now.name):
            if other is None and change.span.start <= call.span.start <= change.span.end:
                continue
            edit = _fitted(there, call, before, now)
            if edit is not None:
                written = edit.text != _SEPARATOR
                yield Candidate(where, edit, Reason.PARAMETER, 1, written)


def _fitted(parsed: Parsed, call: Call, before: Function, now: Function) -> Edit | None:
    """The edit that makes a call for `before` one for `now`; None if none is needed, or it is not clear."""
    if any(argument.spread for argument in call.arguments):
        return None
    names = [each.name for each in before.parameters], [each.name for each in now.parameters]
    added = [at for at, name in enumerate(names[1]) if name not in names[0]]
    gone = [at for at, name in enumerate(names[0]) if name not in names[1]]
    if len(gone) == 1 and not added:
        return _without(call, gone[0], names[0][gone[0]])
    if len(added) == 1 and not gone and not now.parameters[added[0]].optional:
        return _with(parsed, call, added[0], now)
    return None


def _without(call: Call, at: int, name: str) -> Edit | None:
    """The argument taken out, by name or by place, with the comma beside it."""
    arguments = call.arguments
    found = next((index for index, each in enumerate(arguments) if each.name == name), None)
    if found is None and at < len(arguments) and not any(each.name for each in arguments[: at + 1]):
        found = at
    if found is None:
        return None
    if found + 1 < len(arguments):
        return Edit(Span(arguments[found].span.start, arguments[found + 1].span.start), "")
    start = arguments[found - 1].span.end if found else arguments[found].span.start
    return Edit(Span(start, arguments[found].span.end), "")


def _with(parsed: Parsed, call: Call, at: int, now: Function) -> Edit | None:
    """The new argument put in if something of its name is known there; at the end, else, room for one."""
    name, arguments = now.parameters[at].name, call.arguments
    placed = sum(not each.name for each in arguments)
    if any(each.name == name for each in arguments) or placed < at or len(arguments) >= len(now.parameters):
        return None
    if not _known(parsed, name, call.span.start):
        end = arguments[-1].span.end if arguments and at == len(arguments) else None
        return Edit(Span(end, end), _SEPARATOR) if end is not None else None
    if at < len(arguments):
        start = arguments[at].span.start
        return Edit(Span(start, start), f"{name}, ")
    start = arguments[-1].span.end if arguments else call.span.start + 1
    return Edit(Span(start, start), f"{_SEPARATOR}{name}" if arguments else name)


def _known(parsed: Parsed, name: str, at: int) -> bool:
    """Whether `name` is bound in the function around `at`, or outside of all functions."""
    here = scope_at(parsed, at)
    for use in uses(parsed, name):
        if use.binds and not use.member:
            scope = scope_at(parsed, use.span.start)
            if scope is None or scope == here:
                return True
    return False
