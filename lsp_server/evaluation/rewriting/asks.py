"""What is asked of held-out functions, and how a machine tells whether it was done."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from lsp_server.evaluation.rewriting import python
from lsp_server.evaluation.rewriting.pieces import Fits, Piece
from lsp_server.evaluation.rewriting.unclear import can_be_made_unclear, cleared, made_unclear
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

MISSPELT = "misspelt"
"""Added to a name to make it one that is not defined."""
Told = Callable[[str, str], bool]
"""(function before, answer) -> whether it holds."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One task on Python functions: `asked` tells whether it was done, `kept` whether nothing else was.

    With `into` the answer is in that language and stands in a document of its own, as with `aside`.
    """

    task: str
    asked: Told
    kept: Told
    fits: Fits = lambda _: True
    prepare: Callable[[Piece], Piece] = lambda piece: piece
    into: str = "python"
    aside: bool = False
    message: Callable[[str], str] = field(default=lambda _: "")

    def parses(self, answer: str) -> bool:
        """Whether an answer is code of its language."""
        if self.into == "python":
            return python.parses(answer)
        root = parse(textwrap.dedent(answer), language_for(self.into)).root
        return root is not None and not root.has_error


def _same_code(before: str, after: str) -> bool:
    return bool(python.bare(before)) and python.bare(before) == python.bare(after)


def _kept_signature(before: str, after: str) -> bool:
    one, other = python.function_of(before), python.function_of(after)
    if one is None or other is None:
        return False
    return one.name == other.name and _names(one) == _names(other)


def _names(function: python.Function) -> list[str]:
    return [each.arg for each in python.parameters(function)]


def _share_kept(before: str, after: str, least: float = 0.75) -> bool:
    """Whether most words of the code are still there, in any order, and the function is the same one."""
    words, now = set(_words(before)), set(_words(after))
    return _kept_signature(before, after) and len(words & now) >= least * len(words)


def _typed(before: str, after: str) -> bool:
    one, other = python.function_of(before), python.function_of(after)
    if one is None or other is None:
        return False
    return python.typed_places(other) > python.typed_places(one)


def _documented(_: str, after: str) -> bool:
    function = python.function_of(after)
    return function is not None and python.documented(function)


def _simpler(before: str, after: str) -> bool:
    one, other = python.bare(before), python.bare(after)
    return bool(other) and one != other and len(_words(other)) <= len(_words(one))


def _asynchronous(_: str, after: str) -> bool:
    return "async def" in after and python.parses(after)


def _caught(before: str, after: str) -> bool:
    return python.handles(after) > python.handles(before)


def _tested(before: str, after: str) -> bool:
    function = python.function_of(before)
    if function is None or f"def {function.name}(" in after:
        return False
    return function.name in python.called(after) and python.asserts(after)


def _translated(before: str, after: str) -> bool:
    """Whether it names the same function and holds most of its numbers and texts."""
    function = python.function_of(before)
    if function is None or re.search(r"^\s*def ", after, re.MULTILINE):
        return False
    return _plain(function.name) in _plain(after)


def _kept_words(before: str, after: str) -> bool:
    words = {_plain(word) for word in _words(before)} - {
        "self",
        "none",
        "true",
        "false",
        "def",
        "",
        "not",
        "is",
    }
    return sum(word in _plain(after) for word in words) >= 0.6 * len(words)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def _words(code: str) -> list[str]:
    return re.findall(r"[A-Za-z_]\w*|\d+|\"[^\"\n]*\"|'[^'\n]*'", code)


def _mended(before: str, after: str) -> bool:
    return MISSPELT in before and MISSPELT not in after


def _nothing_else(before: str, after: str) -> bool:
    return SequenceMatcher(None, before, after).ratio() > 0.9 and len(before.split("\n")) == len(
        after.split("\n")
    )


def misspelt(piece: Piece) -> Piece:
    """The last use of the function's first parameter with a name that is not defined."""
    function = python.function_of(piece.text)
    name = next((each for each in _names(function) if each not in {"self", "cls"}), "") if function else ""
    places = list(re.finditer(rf"(?<![\w.\"'=]){re.escape(name)}(?![\w\"'=:])", piece.text)) if name else []
    if len(places) < 2:
        return piece
    at = places[-1]
    return piece.with_text(f"{piece.text[: at.start()]}{name}_{MISSPELT}{piece.text[at.end() :]}")


def _can_be_misspelt(piece: Piece) -> bool:
    changed = misspelt(piece)
    return changed is not piece and python.parses(changed.text)


def message(text: str) -> str:
    """What a linter says of a misspelt function."""
    found = re.search(rf"\w+_{MISSPELT}", text)
    return f'Undefined name "{found[0]}"' if found else ""


def _untyped(piece: Piece) -> bool:
    function = python.function_of(piece.text)
    return function is not None and not python.typed_places(function) and python.room(function) > 1


def _undocumented(piece: Piece) -> bool:
    function = python.function_of(piece.text)
    return function is not None and not python.documented(function)


def _function(piece: Piece) -> bool:
    return python.function_of(piece.text) is not None and not piece.text.lstrip().startswith("@")


def _synchronous(piece: Piece) -> bool:
    return _function(piece) and "async" not in piece.text and "return" in piece.text


def _free(piece: Piece) -> bool:
    """A function that can be called by itself."""
    function = python.function_of(piece.text)
    return (
        function is not None
        and not piece.text.startswith(" ")
        and "self" not in _names(function)
        and "return" in piece.text
    )


ASKS = {
    ask.task: ask
    for ask in (
        Ask("types", _typed, _same_code, _untyped),
        Ask("docs", _documented, _same_code, _undocumented),
        Ask("simplify", _simpler, _kept_signature, _function),
        Ask("rename", cleared, _kept_signature, can_be_made_unclear, made_unclear),
        Ask("errors", _caught, _share_kept, _function),
        Ask("async", _asynchronous, _share_kept, _synchronous),
        Ask("test", _tested, lambda _before, _after: True, _free, aside=True),
        Ask("javascript", _translated, _kept_words, _function, into="javascript", aside=True),
        Ask("go", _translated, _kept_words, _function, into="go", aside=True),
        Ask("fix", _mended, _nothing_else, _can_be_misspelt, misspelt, message=message),
    )
}
"""By task; a language's name asks for a translation into it."""
