"""What changes at the uses of a definition by syntax alone, and what is lacking there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsp_server.core.types import Document, Span
from lsp_server.service.across.edited import Left
from lsp_server.service.consequences.changed import Changed
from lsp_server.service.consequences.fit import Refit, UnclearError, refit
from lsp_server.service.consequences.meant import Meant
from lsp_server.syntax.members import is_shorthand, receiver_of
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.signatures import Slot, Way
from lsp_server.syntax.uses import Use, call_at, uses

UNSURE = "it may be something else of that name"
TAKEN = "the new name is known there as something else"
OVERRIDDEN = "its parameters may have to follow"
NO_CALL = "it is handed on rather than called"
_OBJECT = Slot("", Way.PLACE, optional=False, span=Span(0, 0))
"""What a method is called on, where its class calls it."""


@dataclass(frozen=True, slots=True)
class Sites:
    """What has to be put where in one document, in order, and what is left alone."""

    document: Document
    parsed: Parsed
    refits: tuple[Refit, ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def uses(self) -> int:
        """How many places would change."""
        return len(self.refits)


def sites(document: Document, parsed: Parsed, changed: Changed, meant: Meant) -> Sites:
    """What `meant` uses come to in `document`."""
    left = [Left(document, use.span, UNSURE) for use in meant.unsure]
    refits: list[Refit] = []
    renamed = changed.old != changed.new
    taken = renamed and any(
        use.binds and use.span != changed.at and not use.member for use in uses(parsed, changed.new)
    )
    for use in meant.sure:
        name = parsed.text[use.span.start : use.span.end]
        if renamed and name == changed.old:
            if taken and not use.member:
                left.append(Left(document, use.span, TAKEN))
                continue
            text = f"{name}: {changed.new}" if is_shorthand(parsed, use.span) else changed.new
            refits.append(Refit(use.span, (text,)))
        if changed.refitted and use.binds and changed.holder:
            left.append(Left(document, use.span, OVERRIDDEN))
        if changed.refitted and not use.imports and not use.binds:
            try:
                refits += _refitted(parsed, changed, use)
            except UnclearError as unclear:
                left.append(Left(document, use.span, str(unclear)))
    return Sites(document, parsed, tuple(sorted(refits, key=lambda each: each.span)), tuple(left))


def parameter_uses(parsed: Parsed, changed: Changed) -> Iterator[Refit]:
    """Where the function itself uses its parameters by their old names, the change made."""
    now = changed.now
    for old, new in changed.parameters if now is not None else ():
        assert now is not None  # noqa: S101 -- for mypy
        found = [use for use in uses(parsed, old, now.span) if not (use.member or use.keyword)]
        if any(use.binds for use in found):
            continue
        for use in found:
            text = f"{old}: {new}" if is_shorthand(parsed, use.span) else new
            yield Refit(use.span, (text,))


def _refitted(parsed: Parsed, changed: Changed, use: Use) -> tuple[Refit, ...]:
    call = call_at(parsed, use.span)
    if call is None:
        raise UnclearError(NO_CALL)
    if changed.before is None or changed.now is None:
        return ()
    before, now = changed.before, changed.now
    if _gives_object(parsed, changed, use):
        before, now = (replace(each, slots=(_OBJECT, *each.slots)) for each in (before, now))
    return refit(parsed, call, before, now, changed.parameters)


def _gives_object(parsed: Parsed, changed: Changed, use: Use) -> bool:
    """Whether a method is called by its class, with the object as the first argument."""
    now = changed.now
    if now is None or now.by_class or parsed.language.id != "python":
        return False
    receiver = receiver_of(parsed, use.span)
    if changed.holder:
        return receiver.split(".")[-1] == changed.holder
    constructor = now.called != now.name
    return constructor and parsed.text[use.span.start : use.span.end] == now.name and receiver != "super()"
