"""What became of a definition: said by a command, or read from what the user changed last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.errors import BadInput
from lsp_server.core.types import Document, Edit, Span
from lsp_server.service.next_edit.change import Change
from lsp_server.service.next_edit.substitution import renames, substitutions
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.members import class_around, named_at
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.signatures import LANGUAGES, Signature, Slot, signature_at, signatures
from lsp_server.syntax.uses import is_parameter, scope_at, uses

MOST_LOOKED_BACK = 3
"""Changes of the user that may still have consequences."""
_NAME = re.compile(r"[^\W\d]\w*")
_OWN = re.compile(r"\(\s*(self|cls)\b\s*,?\s*")


@dataclass(frozen=True, slots=True)
class Changed:
    """A definition in `document` that others call `old` and is to be called `new`.

    `edits` make the change where the user has not made it yet; `at` is the name in the text with them.
    `before` and `now` are its header, if it is a function; `parameters` were renamed, to the second
    name of each pair.
    """

    document: Document
    edits: tuple[Edit, ...]
    old: str
    new: str
    at: Span
    before: Signature | None = None
    now: Signature | None = None
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The document with the change made."""
        return apply_in_turn(self.document.text, self.edits)

    @property
    def holder(self) -> str:
        """The class whose method it is; nothing for what is called by its own name."""
        return self.now.holder if self.now is not None and self.now.called == self.now.name else ""

    @property
    def refitted(self) -> bool:
        """Whether calls may have to give other arguments."""
        return self.before is not None and self.now is not None and shape(self.before) != shape(self.now)


def by_name(document: Document, parsed: Parsed, offset: int, name: str) -> Changed:
    """What is defined at `offset` gets another name.

    Raises:
        BadInput: nothing is defined there, or it cannot be called so.
    """
    _check_language(parsed)
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name")
    word = _word_at(document.text, offset)
    old = document.text[word.start : word.end]
    bound = next((use for use in uses(parsed, old) if use.span == word), None) if old else None
    if bound is None or not bound.binds or bound.imports:
        raise BadInput("nothing is defined here", hint="Put the cursor on the name where it is defined.")
    if name == old:
        raise BadInput(f"it is called {name} already")
    edit = Edit(word, name)
    if is_parameter(parsed, word.start):
        return _with_parameter(document, parsed, offset, edit)
    at = Span(word.start, word.start + len(name))
    before = signature_at(parsed, word.start)
    if before is None or before.at != word:
        return Changed(document, (edit,), old, name, at)
    if before.called != before.name:
        raise BadInput("a constructor is called by its class", hint="Put the cursor on the class's name.")
    now = signature_at(parse(apply_in_turn(document.text, (edit,)), parsed.language), word.start)
    return Changed(document, (edit,), old, name, at, before, now)


def by_signature(document: Document, parsed: Parsed, offset: int, signature: str) -> Changed:
    """The function whose header holds `offset` gets other parameters, written as in its header.

    Raises:
        BadInput: there is none, or the parameters cannot be read.
    """
    _check_language(parsed)
    before = signature_at(parsed, offset)
    if before is None:
        raise BadInput("no function begins here", hint="Put the cursor on the line that defines it.")
    brackets = document.text[before.brackets.start : before.brackets.end]
    inside = signature.strip()
    if inside.startswith("(") and inside.endswith(")"):
        inside = inside[1:-1].strip()
    own = _OWN.match(brackets)
    if own and not re.match(rf"{own[1]}\b", inside):
        inside = f"{own[1]}, {inside}" if inside else own[1]
    edit = Edit(before.brackets, f"({inside})")
    after = parse(apply_in_turn(document.text, (edit,)), parsed.language)
    now = signature_at(after, before.at.start)
    broken = after.root is not None and after.root.has_error
    if now is None or now.name != before.name or (broken and not (parsed.root and parsed.root.has_error)):
        raise BadInput(f"{signature!r} are no parameters", hint="Write them as in the definition.")
    pairs = renamed_slots(document.text, before, after.text, now)
    return Changed(document, (edit,), before.called, now.called, _known_at(after, now), before, now, pairs)


def by_history(document: Document, parsed: Parsed, offset: int, changes: Sequence[Change]) -> Changed | None:
    """What the user's last changes, latest first, made of the definition at `offset`; None if nothing."""
    if parsed.language.id not in LANGUAGES:
        return None
    mine = [each for each in changes if each.key == document.key][:MOST_LOOKED_BACK]
    for change in mine:
        if not change.span.start <= offset <= change.span.end:
            continue
        earlier = parse(change.undone(parsed.text), language_for(document.language, document.path))
        found = _header(document, parsed, earlier, change) or _bound(document, parsed, earlier, change)
        if found is not None:
            return found
    return None


def shape(signature: Signature) -> tuple[tuple[str, str, bool], ...]:
    """What calls depend on."""
    return tuple((slot.name, slot.way.value, slot.optional) for slot in signature.slots)


def renamed_slots(earlier: str, before: Signature, text: str, now: Signature) -> tuple[tuple[str, str], ...]:
    """Parameters that only got another name: at the same place, with the same type and default."""
    if len(before.slots) != len(now.slots):
        return ()
    olds, news = {slot.name for slot in before.slots}, {slot.name for slot in now.slots}
    return tuple(
        (old.name, new.name)
        for old, new in zip(before.slots, now.slots, strict=True)
        if old.name not in news and new.name not in olds and _rest(earlier, old) == _rest(text, new)
    )


def _known_at(parsed: Parsed, signature: Signature) -> Span:
    """The name that calls use, where it is defined: the class's, of a constructor."""
    constructor = signature.called != signature.name
    return (named_at(class_around(parsed, signature.at.start)) if constructor else None) or signature.at


def _rest(text: str, slot: Slot) -> str:
    return "".join(text[slot.span.start : slot.span.end].replace(slot.name, "", 1).split())


def _check_language(parsed: Parsed) -> None:
    if parsed.language.id not in LANGUAGES:
        raise BadInput(f"what follows from a change is not known for {parsed.language.id}")


def _word_at(text: str, offset: int) -> Span:
    start, end = offset, offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_$"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_$"):
        end += 1
    return Span(start, end)


def _with_parameter(document: Document, parsed: Parsed, offset: int, edit: Edit) -> Changed:
    before = signature_at(parsed, offset)
    after = parse(apply_in_turn(document.text, (edit,)), parsed.language)
    now = signature_at(after, edit.span.start)
    if before is None or now is None:
        raise BadInput("this parameter belongs to no function with a name")
    old = document.text[edit.span.start : edit.span.end]
    pair = (old, edit.text)
    return Changed(document, (edit,), before.called, now.called, _known_at(after, now), before, now, (pair,))


def _header(document: Document, parsed: Parsed, earlier: Parsed, change: Change) -> Changed | None:
    """A function whose header was changed."""
    there = signatures(earlier)
    for now in signatures(parsed):
        if not (now.span.start <= change.span.end and change.span.start <= now.brackets.end):
            continue
        named = [each for each in there if (each.name, each.holder) == (now.name, now.holder)]
        begun = [each for each in there if each.span.start == now.span.start and each.holder == now.holder]
        before = next(iter(begun or named), None)
        if before is None or (before.called, shape(before)) == (now.called, shape(now)):
            continue
        pairs = renamed_slots(earlier.text, before, parsed.text, now)
        return Changed(document, (), before.called, now.called, _known_at(parsed, now), before, now, pairs)
    return None


def _bound(document: Document, parsed: Parsed, earlier: Parsed, change: Change) -> Changed | None:
    """Anything else that is bound in the change by another name than before."""
    start = change.span.start
    there = Span(start, start + len(change.before))
    for old, new in renames(substitutions(change.before, change.after), change.before, change.after):
        now = next((use for use in uses(parsed, new, change.span) if use.binds), None)
        bound = any(use.binds and not use.imports for use in uses(earlier, old, there))
        if now is None or now.imports or now.member or not bound or is_parameter(parsed, now.span.start):
            continue
        scope = scope_at(parsed, now.span.start)
        if not any(use.binds for use in uses(parsed, old, scope)):
            return Changed(document, (), old, new, now.span)
    return None
