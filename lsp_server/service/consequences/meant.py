"""Which uses of a name mean the definition that was changed, as far as the text can tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.core.types import Span
from lsp_server.service.consequences.changed import Changed
from lsp_server.service.consequences.reach import Reach
from lsp_server.syntax.instances import instances
from lsp_server.syntax.members import bases_of, class_around, class_of_name, name_of, receiver_of
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.signatures import signatures
from lsp_server.syntax.uses import Use, scope_at, scope_of, uses

_SELF = frozenset({"self", "cls", "this", "super()", "super"})


@dataclass(frozen=True, slots=True)
class Meant:
    """The uses that mean it, and those of which that cannot be told."""

    sure: tuple[Use, ...] = ()
    unsure: tuple[Use, ...] = ()


def meant_at_home(parsed: Parsed, changed: Changed) -> Meant:
    """In the text in which it is defined, the change made."""
    holder = changed.holder or name_of(parsed, class_of_name(parsed, changed.at))
    bound = next((use for use in uses(parsed, changed.new) if use.span == changed.at), None)
    if bound is None:
        return Meant()
    if holder or bound.member:
        holder = holder or name_of(parsed, class_around(parsed, changed.at.start))
        return _members(parsed, changed, frozenset({holder}), frozenset())
    scope = scope_of(parsed, bound)
    found = [use for use in _plain(parsed, changed.old, scope) if use.span != changed.at]
    again = [use for use in found if use.binds and scope_of(parsed, use) == scope]
    if again and not (changed.edits and changed.old != changed.new):
        return Meant((), tuple(use for use in found if not use.binds))
    return Meant(tuple(_outside(parsed, found, scope)))


def meant_elsewhere(parsed: Parsed, changed: Changed, reach: Reach | None) -> Meant:
    """In another document, which knows the definition's module as `reach` says, if at all."""
    if changed.holder:
        names = reach.names.get(changed.holder, frozenset()) if reach else frozenset()
        return _members(parsed, changed, names, reach.receivers) if reach else Meant()
    here = uses(parsed, changed.old)
    if not reach:
        own = any(use.binds and not use.imports for use in here)
        return Meant((), () if own else tuple(use for use in here if not (use.member or use.keyword)))
    sure = {use for use in here if use.member and receiver_of(parsed, use.span) in reach.receivers}
    sure |= {use for use in here if use.imports and changed.old in reach.names}
    unsure: set[Use] = set()
    for called in reach.names.get(changed.old, ()):
        found = _plain(parsed, called)
        if any(use.binds and not use.imports and scope_of(parsed, use) is None for use in found):
            unsure |= {use for use in found if not use.binds}
        else:
            sure |= set(_outside(parsed, found, None))
    return Meant(_in_order(sure), _in_order(unsure - sure))


def _plain(parsed: Parsed, name: str, scope: Span | None = None) -> list[Use]:
    """The uses of a name that is known by itself; what classes bind in their bodies is not."""
    found = (use for use in uses(parsed, name, scope) if not (use.member or use.keyword))
    return [use for use in found if not (use.binds and class_of_name(parsed, use.span))]


def _outside(parsed: Parsed, found: Sequence[Use], scope: Span | None) -> Iterable[Use]:
    """The uses that are in no function which binds the name itself."""
    inner = {scope_of(parsed, use) for use in found if use.binds and not use.imports} - {scope, None}
    return (use for use in found if not any(each.contains(use.span) for each in inner if each))


def _members(parsed: Parsed, changed: Changed, classes: frozenset[str], modules: frozenset[str]) -> Meant:
    """Uses behind a dot: of the object itself in its class, of the class, and of what is known to be one."""
    held = {each for name in classes for each in instances(parsed, name)}
    known = classes | {f"{module}.{name}" for module in modules for name in (changed.holder,)}
    sure: list[Use] = []
    unsure: list[Use] = []
    for use in uses(parsed, changed.old):
        if not use.member or use.span == changed.at:
            continue
        receiver, here = receiver_of(parsed, use.span), scope_at(parsed, use.span.start)
        if receiver in _SELF:
            if _is_of(parsed, use.span.start, classes, changed.old):
                sure.append(use)
            continue
        holds = any(
            each.name == receiver and (each.scope is None or (here is not None and each.scope.contains(here)))
            for each in held
        )
        (sure if holds or receiver in known else unsure).append(use)
    return Meant(tuple(sure), tuple(unsure))


def _is_of(parsed: Parsed, offset: int, classes: frozenset[str], method: str) -> bool:
    """Whether the class around is one of `classes`, or extends one without a method of that name."""
    around = class_around(parsed, offset)
    name = name_of(parsed, around)
    if around is None or name in classes:
        return name in classes
    own = {each.name for each in signatures(parsed) if each.holder == name}
    return bool(bases_of(parsed, around) & classes) and method not in own


def _in_order(found: Iterable[Use]) -> tuple[Use, ...]:
    return tuple(sorted(found, key=lambda use: use.span))
