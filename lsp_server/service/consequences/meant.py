"""Which uses of a name mean the definition that was changed, as far as the text can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsp_server.core.types import Span
from lsp_server.service.consequences.changed import Changed
from lsp_server.service.consequences.reach import Reach
from lsp_server.syntax.heirs import constructs, extends_others, heirs, super_calls
from lsp_server.syntax.instances import instances
from lsp_server.syntax.members import class_around, class_of_name, maker_of, name_of, receiver_of
from lsp_server.syntax.parse import Node, Parsed, span_of
from lsp_server.syntax.uses import Use, call_at, scope_at, scope_of, uses

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
    made = _constructed(parsed, changed, frozenset({changed.new}))
    return Meant(_in_order({*_outside(parsed, found, scope), *made}))


def meant_elsewhere(parsed: Parsed, changed: Changed, reach: Reach | None, *, alone: bool = False) -> Meant:
    """In another document, which knows the definition's module as `reach` says, if at all.

    `alone`: nothing else of that name is defined anywhere, so that objects may have come to where their
    class is not known.
    """
    if changed.holder:
        if not reach and not alone:
            return Meant()
        names = frozenset[str]().union(*reach.names.values()) if reach else frozenset[str]()
        return _members(parsed, changed, names, reach.receivers if reach else frozenset())
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
    sure |= set(_constructed(parsed, changed, reach.names.get(changed.old, frozenset())))
    return Meant(_in_order(sure), _in_order(unsure - sure))


def _plain(parsed: Parsed, name: str, scope: Span | None = None) -> list[Use]:
    """The uses of a name that is known by itself; what classes bind in their bodies is not."""
    found = (use for use in uses(parsed, name, scope) if not (use.member or use.keyword))
    return [use for use in found if not (use.binds and class_of_name(parsed, use.span))]


def _outside(parsed: Parsed, found: Sequence[Use], scope: Span | None) -> Iterable[Use]:
    """The uses that are in no function which binds the name itself."""
    inner = {scope_of(parsed, use) for use in found if use.binds and not use.imports} - {scope, None}
    return (use for use in found if not any(each.contains(use.span) for each in inner if each))


def _members(parsed: Parsed, changed: Changed, names: frozenset[str], modules: frozenset[str]) -> Meant:
    """Uses behind a dot: of the object itself in its class, of the class, and of what is known to be one.

    What extends the class is one too, and its methods of that name are the same to others.
    """
    extending = heirs(parsed, names)
    classes = names | set(extending)
    held = {each for name in classes for each in instances(parsed, name)}
    known = classes | {f"{module}.{changed.holder}" for module in modules}
    sure: list[Use] = []
    unsure: list[Use] = []
    for use in uses(parsed, changed.old):
        if use.span == changed.at:
            continue
        if not use.member:
            own = class_of_name(parsed, use.span) if use.binds else None
            if own is not None and name_of(parsed, own) in extending:
                sure.append(use)
            continue
        receiver = receiver_of(parsed, use.span)
        if receiver in _SELF:
            around = class_around(parsed, use.span.start)
            if name_of(parsed, around) in classes:
                sure.append(use)
            elif around is not None and extends_others(parsed, around) and not _has(parsed, around, changed):
                unsure.append(use)
            continue
        here = scope_at(parsed, use.span.start)
        holds = any(
            each.name == receiver and (each.scope is None or (here is not None and each.scope.contains(here)))
            for each in held
        )
        is_known = holds or receiver in known or maker_of(parsed, use.span) in known
        (sure if is_known else unsure).append(use)
    return Meant(tuple(sure), tuple(unsure))


def _has(parsed: Parsed, node: Node, changed: Changed) -> bool:
    """Whether a class has a method of that name itself."""
    inside = span_of(node)
    return any(
        use.binds and class_of_name(parsed, use.span) == node for use in uses(parsed, changed.old, inside)
    )


def _constructed(parsed: Parsed, changed: Changed, names: frozenset[str]) -> Iterator[Use]:
    """Where a class is made otherwise than by its name: through what extends it, or has no constructor."""
    if changed.now is None or changed.now.called == changed.now.name:
        return
    extending = heirs(parsed, names, constructing=True)
    for name, node in extending.items():
        yield from super_calls(parsed, node)
        if not constructs(parsed, node):
            yield from (use for use in _plain(parsed, name) if call_at(parsed, use.span) and not use.binds)
    for use in uses(parsed, changed.now.name):
        if use.member and receiver_of(parsed, use.span).split(".")[-1] in names:
            yield use


def _in_order(found: Iterable[Use]) -> tuple[Use, ...]:
    return tuple(sorted(found, key=lambda use: use.span))
