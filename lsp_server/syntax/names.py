"""Names of Python code that nothing defines: by the interpreter's own symbol tables."""

from __future__ import annotations

import builtins
import re
import symtable
import warnings
from collections.abc import Iterator

from lsp_server.core.types import Edit, Span
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.uses import uses

LARGEST = 150_000
"""Characters of a text beyond which nothing is looked for; this many take a twentieth of a second."""

_NAME = re.compile(r"[^\W\d]\w*")
_STAR = re.compile(r"^[ \t]*from\b[^\n#]*\bimport[ \t(]*\*", re.MULTILINE)
_GIVEN = frozenset(dir(builtins)) | {
    *("__annotations__", "__builtins__", "__cached__", "__file__", "__loader__", "__module__", "__package__"),
    *("__path__", "__qualname__", "__spec__", "WindowsError", "display", "get_ipython"),
}
"""What every module, class body and notebook has."""
_NEUTRAL = ("", "0", "x")
"""What stands in for a fill to see which names lacked a definition before."""


def undefined_names(parsed: Parsed, edit: Edit) -> tuple[Span, ...]:
    """Where the text of `edit` uses names that nothing in the file defines, in offsets of it, in order.

    What lacked a definition before the edit counts as defined: something that is not seen must know it.
    Nothing is found in other languages, in files that do not parse with the edit or import
    everything from somewhere, and in files longer than `LARGEST`.
    """
    text, start = parsed.text, edit.span.start
    if parsed.language.id != "python" or len(text) > LARGEST or _STAR.search(text):
        return ()
    lacking = _lacking(_edited(text, edit))
    suspects = lacking & set(_NAME.findall(edit.text)) if lacking else None
    if not suspects:
        return ()
    known = next(
        (each for mark in _NEUTRAL if (each := _lacking(_edited(text, edit, mark))) is not None), None
    )
    suspects -= known or frozenset()
    after, within = parsed.edited([edit]), Span(start, start + len(edit.text))
    return tuple(sorted(span.shifted(-start) for name in suspects for span in _used(after, name, within)))


def _used(parsed: Parsed, name: str, within: Span) -> Iterator[Span]:
    for use in uses(parsed, name, within):
        if not (use.member or use.keyword or use.binds or use.imports):
            yield use.span


def _edited(text: str, edit: Edit, instead: str | None = None) -> str:
    written = edit.text if instead is None else instead
    return text[: edit.span.start] + written + text[edit.span.end :]


def _lacking(text: str) -> frozenset[str] | None:
    """The names that some code in `text` looks up in vain; None if it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in somebody else's strings
            module = symtable.symtable(text.removeprefix("\ufeff"), "<document>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    tables = list(_tables(module))
    bound = {symbol.get_name() for symbol in module.get_symbols() if _binds(symbol)}
    bound |= {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if symbol.is_declared_global() and symbol.is_assigned()
    }
    used = {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if symbol.is_referenced() and symbol.is_global()
    }
    return frozenset(used - bound - _GIVEN)


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_annotated() or symbol.is_namespace()
