"""Tasks that only add: where something is missing becomes a hole, and all else stays by construction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from lsp_server.core.diff import minimal_edits
from lsp_server.core.edits import apply_together
from lsp_server.core.text import indent_width, line_end, line_start
from lsp_server.core.types import Edit, Span
from lsp_server.service.prompt import Target
from lsp_server.syntax.lexer import lex
from lsp_server.syntax.names import undefined_names
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.slots import Slot
from lsp_server.syntax.trim import trim_fill
from lsp_server.syntax.typenames import type_names
from lsp_server.syntax.units import fits

TYPE_TOKENS, WORDS_TOKENS, HANDLER_TOKENS = 16, 40, 64
MOST_WORDS_LINES, MOST_HANDLER_LINES = 3, 4
_KNOWN = {
    "python": "int str float bool bytes list dict set tuple object None type frozenset complex Exception "
    "BaseException range slice bytearray memoryview property",
    "typescript": "string number boolean any void unknown never object null undefined bigint symbol Promise "
    "Array Record Map Set Function Date RegExp Error Partial Readonly ReadonlyArray Iterable",
}
_KNOWN["typescriptreact"] = _KNOWN["typescript"]
_GENERIC = re.compile(r"\b(?:typing\.)?(List|Dict|Set|Tuple|Type|FrozenSet)\b(?=\[|$)")
_OPTIONAL = re.compile(r"\b(?:typing\.)?Optional\[([^\[\]]*(?:\[[^\[\]]*\])?)\]")

LEAST_LETTERS = 0.75
"""Share of a line's characters that are letters or blanks in prose; code has less."""
Finish = Callable[[Parsed, str], str]


def targets(task: str, slots: tuple[Slot, ...]) -> Iterator[Target]:
    """A hole in each slot, between what it begins and ends with."""
    for slot in slots:
        yield Target(
            slot.span,
            kept=slot.head,
            present=f" {slot.tail}" if slot.tail else "",
            healed=False,
            locked=(Span(1, 1 + len(slot.tail)),) if slot.tail else (),
            max_tokens={"types": TYPE_TOKENS, "docs": WORDS_TOKENS}.get(task, HANDLER_TOKENS),
            max_lines={"types": 1, "docs": MOST_WORDS_LINES}.get(task, MOST_HANDLER_LINES),
            min_indent=_inner_indent(slot) if task == "errors" else None,
            added=True,
        )


def grouped(text: str, task: str, slots: tuple[Slot, ...], most: int) -> list[tuple[Target, ...]]:
    """The targets of requests that fill at most so many, or all of one line, whose edits are one."""
    groups: list[tuple[Target, ...]] = []
    for _, line in groupby(targets(task, slots), key=lambda target: line_start(text, target.span.start)):
        found = tuple(line)
        if groups and len(groups[-1]) + len(found) <= most:
            groups[-1] += found
        else:
            groups.append(found)
    return groups


def written_in_slot(parsed: Parsed, task: str, target: Target, fill: str) -> tuple[Edit, ...]:
    """The edit that puts a fill, head and tail included, into its slot; none if it does not belong there."""
    if not task:
        return written_unit(parsed, target.span, fill)
    tail = target.present[1:]
    if not fill.endswith(tail):
        return ()
    middle = FINISH[task](parsed, fill[: len(fill) - len(tail)])
    return (Edit(target.span, target.kept + middle + tail),) if middle else ()


def written_unit(parsed: Parsed, unit: Span, fill: str) -> tuple[Edit, ...]:
    """The edit that writes a unit anew; none if it says the same or would not be what the unit is."""
    present = parsed.text[unit.start : unit.end]
    edit = Edit(unit, trim_fill(parsed, unit, fill).strip())
    same = edit.text.split() == present.split()
    return () if same or not fits(parsed, edit) or undefined_names(parsed, edit) else (edit,)


def by_lines(text: str, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The same change as edits of whole lines, as people decide about them."""
    if not edits:
        return ()
    start = line_start(text, min(edit.span.start for edit in edits))
    end = line_end(text, max(edit.span.end for edit in edits))
    after = apply_together(text[start:end], [Edit(edit.span.shifted(-start), edit.text) for edit in edits])
    return minimal_edits(text[start:end], after, at=start)


def as_type(parsed: Parsed, text: str) -> str:
    """A type of names that are known in the document; empty if it is none."""
    text = _OPTIONAL.sub(r"\1 | None", _up_to_delimiter(parsed, text.strip()))
    text = _GENERIC.sub(lambda match: match[1].lower(), text) if parsed.language.id == "python" else text
    if not re.fullmatch(r"(?!\d)[\w.\[\](){}<>, |'\"?&:=-]+", text) or lex(text, parsed.language).unclosed():
        return ""
    used = {match[0] for match in re.finditer(r"(?<![\w.])[A-Za-z_]\w*", text)}
    return text if used <= type_names(parsed).union(_KNOWN.get(parsed.language.id, "").split()) else ""


def as_words(parsed: Parsed, text: str) -> str:
    """One line of documentation; empty if there is no word in it."""
    line = next((each for each in text.split("\n") if each.strip()), "")
    for mark in ('"""', "*/"):
        line = line.partition(mark)[0]
    line = line.strip()
    del parsed
    letters = sum(char.isalpha() or char.isspace() for char in line)
    prose = len(re.findall(r"[^\W\d_]{2,}", line)) > 2 and letters > LEAST_LETTERS * len(line)
    return line if prose and not line.endswith((":", ";", "{")) else ""


def as_handler(parsed: Parsed, text: str) -> str:
    """What is caught and what is done then; empty if it does nothing."""
    text = text.rstrip()
    if parsed.language.id != "python":
        return text.strip()
    caught, _, body = text.partition("\n")
    return text if caught.endswith(":") and body.strip() else ""


FINISH: dict[str, Finish] = {"types": as_type, "docs": as_words, "errors": as_handler}


def _inner_indent(slot: Slot) -> int | None:
    """The least indentation of lines inside the handler that a head ends with."""
    last = slot.head.rpartition("\n")[2]
    return indent_width(last) + 1 if last.strip() else indent_width(last)


def _up_to_delimiter(parsed: Parsed, text: str) -> str:
    """`text` before a comma, an equals sign or a closing bracket that belongs to what is around it."""
    depth = 0
    for at, char in enumerate(text):
        if char in "([{<":
            depth += 1
        elif char in ")]}>" and text[at - 1 : at + 1] not in {"->", "=>"}:
            depth -= 1
        if depth < 0 or (depth == 0 and char in ",=#\n") or (depth == 0 and text.startswith((":", " {"), at)):
            return text[:at].strip()
    del parsed
    return text.strip()
