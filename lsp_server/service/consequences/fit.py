"""How a call of a function as it was becomes one of the function as it is: what stays, goes, and lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsp_server.core.types import Span
from lsp_server.syntax.kinds import is_comment
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.signatures import Signature, Slot, Way
from lsp_server.syntax.uses import Argument, Call

Part = str | Slot
"""Text, or the argument that the model has to write for a parameter."""
_BY_NAME = frozenset({"python"})
_CONSTANT = re.compile(
    r"-?\d[\w.]*|[rbuf]?'[^'{}\\\n]*'|[rbu]?\"[^\"{}\\\n]*\"|None|True|False|null|undefined|true|false|\(\)|\[\]|\{\}"
)


@dataclass(frozen=True, slots=True)
class Refit:
    """`parts` take the place of `span`."""

    span: Span
    parts: tuple[Part, ...]

    @property
    def holes(self) -> tuple[Slot, ...]:
        """The parameters whose arguments are lacking, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))


class UnclearError(Exception):
    """It cannot be told which argument is which; the message says why, as a clause."""


@dataclass(frozen=True, slots=True)
class _Item:
    """An argument of the new call: one that is there, or one that is lacking; given by `name` if any.

    `text` is the lacking one where it is known.
    """

    argument: Argument | None
    slot: Slot | None
    name: str = ""
    text: str = ""


def refit(
    parsed: Parsed, call: Call, before: Signature, now: Signature, renamed: Sequence[tuple[str, str]]
) -> tuple[Refit, ...]:
    """What changes inside the brackets of `call`; nothing if it fits as it is.

    Raises:
        UnclearError: it may have to change, but how is not certain.
    """
    names = dict(renamed)
    if any(each.spread for each in call.arguments):
        if _placed_alike(before, now, names):
            return _names_only(call, names)
        raise UnclearError("it hands arguments on")
    items = _items(parsed, call, before, now, names)
    there = [item.argument.span.start for item in items if item.argument is not None]
    if there == sorted(there):
        return tuple(_piecewise(parsed, call, items))
    if _has_comment(parsed, call):
        raise UnclearError("comments stand between its arguments")
    return (_whole(parsed, call, items),)


def _placed_alike(before: Signature, now: Signature, names: Mapping[str, str]) -> bool:
    """Whether nothing changed but names."""
    olds = [(names.get(slot.name, slot.name), slot.way, slot.optional) for slot in before.slots]
    return olds == [(slot.name, slot.way, slot.optional) for slot in now.slots]


def _names_only(call: Call, names: Mapping[str, str]) -> tuple[Refit, ...]:
    found = []
    for each in call.arguments:
        if each.name in names:
            start = each.span.start
            found.append(Refit(Span(start, start + len(each.name)), (names[each.name],)))
    return tuple(found)


def _items(
    parsed: Parsed, call: Call, before: Signature, now: Signature, names: Mapping[str, str]
) -> list[_Item]:
    placed, rest, given = _bound(call, before)
    olds = {names.get(slot.name, slot.name): slot for slot in before.slots}
    said = {names.get(each.name, each.name) for each in given}
    items: list[_Item] = []
    by_name = False
    for slot in now.slots:
        if slot.way in {Way.REST, Way.NAMED_REST}:
            continue
        old = olds.get(slot.name)
        argument = placed.get(old.name) if old else None
        lacking = not slot.optional and (old is None or old.optional) and slot.name not in said
        if argument is None and not lacking:
            by_name = True  # left out, or given by name: what follows cannot be told by its place
            continue
        by_name = by_name or slot.way is Way.NAME
        if by_name and (slot.way is Way.PLACE or parsed.language.id not in _BY_NAME):
            raise UnclearError("an argument before the new one is left out")
        text = _default(parsed, old) if old and not argument else ""
        items.append(_Item(argument, None if argument else slot, slot.name if by_name else "", text))
    if rest and (by_name or not any(slot.way is Way.REST for slot in now.slots)):
        raise UnclearError("it gives more arguments than there are parameters")
    items += [_Item(argument, None) for argument in rest]
    items += [_Item(argument, None, name) for name, argument in _named(given, before, now, names)]
    # behind what is given by name already
    return sorted(items, key=lambda item: (bool(item.name), bool(item.name) and item.slot is not None))


def _default(parsed: Parsed, slot: Slot) -> str:
    """What a parameter was if it was not given, where that means the same at every call."""
    if not slot.default and parsed.language.id not in _BY_NAME:
        return "undefined"
    return slot.default if _CONSTANT.fullmatch(slot.default) else ""


def _bound(call: Call, before: Signature) -> tuple[dict[str, Argument], list[Argument], list[Argument]]:
    """The arguments by the parameter they are for: by place, the further ones, and by name."""
    slots = [slot for slot in before.slots if slot.way in {Way.EITHER, Way.PLACE}]
    by_place = [each for each in call.arguments if not each.name]
    by_name = [each for each in call.arguments if each.name]
    placed = {slot.name: each for slot, each in zip(slots, by_place, strict=False)}
    rest = by_place[len(slots) :]
    if rest and not any(slot.way is Way.REST for slot in before.slots):
        raise UnclearError("it did not fit before either")
    return placed, rest, by_name


def _named(
    given: Sequence[Argument], before: Signature, now: Signature, names: Mapping[str, str]
) -> list[tuple[str, Argument]]:
    """What is given by name and still has a parameter, under the name it has now."""
    there, left = {slot.name for slot in before.slots}, {slot.name for slot in now.slots}
    takes_all = any(slot.way is Way.NAMED_REST for slot in now.slots)
    found = []
    for each in given:
        name = names.get(each.name, each.name)
        if each.name not in there and not takes_all:
            raise UnclearError("it did not fit before either")
        if name in left or (each.name not in there and takes_all):
            found.append((name, each))
    return found


def _piecewise(parsed: Parsed, call: Call, items: Sequence[_Item]) -> list[Refit]:
    """Edits that leave the arguments that stay, and what is between them, as they are."""
    kept = {item.argument.span: item for item in items if item.argument is not None}
    found: list[Refit] = []
    waiting: list[Part] = []
    order = [item.argument.span if item.argument else item for item in items]
    arguments = list(call.arguments)
    last: Span | None = None  # the last argument that stays
    gone: Span | None = None  # those behind it that do not
    lacking: dict[Span | None, list[_Item]] = {}
    for number, each in enumerate(order):
        if isinstance(each, _Item):
            following = next((span for span in order[number:] if isinstance(span, Span)), None)
            lacking.setdefault(following, []).append(each)
    for argument in arguments:
        if argument.span not in kept:
            gone = Span(gone.start if gone else argument.span.start, argument.span.end)
            continue
        for item in lacking.get(argument.span, ()):
            waiting += [*_parts(parsed, item), ", "]
        start = gone.start if gone else argument.span.start
        if gone or waiting:
            found.append(Refit(Span(start, argument.span.start), tuple(waiting)))
        found += _renamed(argument, kept[argument.span].name)
        last, gone, waiting = argument.span, None, []
    for item in lacking.get(None, ()):
        waiting += [*([", "] if waiting or last else []), *_parts(parsed, item)]
    if gone or waiting:
        start = last.end if last else gone.start if gone else call.span.start + 1
        found.append(Refit(Span(start, gone.end if gone else start), tuple(waiting)))
    return _merged(found)


def _merged(found: Sequence[Refit]) -> list[Refit]:
    """What is put in at the start of an argument, and its name, as one."""
    merged: list[Refit] = []
    for each in found:
        if merged and merged[-1].span.end == each.span.start and not len(each.span):
            merged[-1] = Refit(Span(merged[-1].span.start, each.span.end), (*merged[-1].parts, *each.parts))
        else:
            merged.append(each)
    return merged


def _renamed(argument: Argument, name: str) -> list[Refit]:
    start = argument.span.start
    if argument.name == name:
        return []
    if argument.name:
        return [Refit(Span(start, start + len(argument.name)), (name,))]
    return [Refit(Span(start, start), (f"{name}=",))]


def _whole(parsed: Parsed, call: Call, items: Sequence[_Item]) -> Refit:
    """All arguments anew, in another order."""
    parts: list[Part] = []
    for item in items:
        parts += [*([", "] if parts else []), *_parts(parsed, item)]
    return Refit(Span(call.arguments[0].span.start, call.arguments[-1].span.end), tuple(parts))


def _parts(parsed: Parsed, item: _Item) -> list[Part]:
    if item.slot is not None:
        part = item.text or item.slot
        return [f"{item.name}=", part] if item.name else [part]
    if item.argument is None:
        return []
    span, said = item.argument.span, item.argument.name
    text = parsed.text[span.start : span.end]
    if said:
        return [item.name + text[len(said) :]]
    return [f"{item.name}={text}" if item.name else text]


def _has_comment(parsed: Parsed, call: Call) -> bool:
    node = parsed.node_at(call.span)
    return node is not None and any(is_comment(child.type) for child in node.children)
