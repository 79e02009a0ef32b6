"""What is known of an argument before the model is asked, and what it is hardly ever."""

from __future__ import annotations

import re
from collections.abc import Collection

from lsp_server.core.types import Span
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.signatures import Slot, declared_type
from lsp_server.syntax.uses import call_around, scope_at, uses

SAME_NAME = 0.9
"""How often a parameter gets the variable of its own name, where `is_known` (docs/LOG.md)."""
_SAY_NOTHING = frozenset({"opts", "props", "value"})
"""Names of so many things that this holds for one in two."""
_WORD = re.compile(r"\w+")
_NAMED = re.compile(r"[^\W\d]\w*\s*=(?!=)|\.\.\.|\*")
_CONSTANT = re.compile(r"[-\d.\"'\[({]|(?:None|True|False|null|undefined|true|false)\b")


def is_known(parsed: Parsed, offset: int, lacking: Slot) -> bool:
    """Whether a function around `offset` has a variable of that name by then, of no other type."""
    name, here = lacking.name, scope_at(parsed, offset)
    if here is None or not name or name in _SAY_NOTHING:
        return False
    types = set(_WORD.findall(lacking.type))
    for use in uses(parsed, name):
        if use.binds and not (use.member or use.imports) and use.span.start < offset:
            scope = scope_at(parsed, use.span.start)
            own_name = scope is not None and scope.start == use.span.start
            if scope is not None and scope.contains(here) and not own_name:
                own_types = set(_WORD.findall(declared_type(parsed, use.span)))
                return not types or own_types <= types
    return False


def given_around(parsed: Parsed, offset: int) -> frozenset[str]:
    """What the innermost call around `offset` gives already, without blanks, and the name it calls."""
    call = call_around(parsed, offset)
    if call is None:
        return frozenset()
    texts = (_text(parsed, each.span).removeprefix(f"{each.name}=") for each in call.arguments)
    called = re.search(r"([^\W\d][\w$]*)\s*$", parsed.text[: call.span.start])
    return frozenset({*texts, *([f"{called[1]}("] if called else ())})


def is_likely(argument: str, given: Collection[str]) -> bool:
    """Whether it is one argument, of this parameter, that is not given already and does not call again."""
    text = "".join(argument.split())
    if _NAMED.match(argument):
        return False
    again = any(each.endswith("(") and re.search(rf"(?<![\w.]){re.escape(each)}", text) for each in given)
    return not again and (text not in given or bool(_CONSTANT.match(text)))


def _text(parsed: Parsed, span: Span) -> str:
    return "".join(parsed.text[span.start : span.end].split())
