"""f-strings written as `%`, `.format` and `+`."""

from __future__ import annotations

import ast
import random
import re
import string

from lsp_server.core.types import Edit
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.python.source import Source

WORDS = (
    "Use f-strings",
    "Use an f-string",
    "Convert to f-strings",
    "Use f-strings instead of {}",
    "Modernise the string formatting",
    "Upgrade to modern Python",
)
_NAMES = {"%": "%", "format": "`.format()`", "+": "concatenation"}
_LITERAL = re.compile(r"f(\"|')((?:(?!\1)[^\\\n]|\\.)*)\1")

_Part = tuple[str, str | None, str, str | None]


def make(text: str, language: str, rng: random.Random) -> Pair | None:
    """Old formatting, and the f-strings that were written."""
    source = Source.of(text, language)
    if source is None:
        return None
    way, edits = rng.choice(tuple(_NAMES)), []
    for node in source.walk():
        if isinstance(node, ast.JoinedStr):
            literal = _LITERAL.fullmatch(source.part(node))
            old = _old(literal[1], literal[2], way) if literal is not None else None
            if old is None:
                return None
            span = source.span(node)
            stands_alone = way == "format" or _alone(text[: span.start], text[span.end :])
            edits.append(Edit(span, old if stands_alone else f"({old})"))
    before = source.edited(edits) if edits else None
    if before is None:
        return None
    return Pair(before, text, rng.choice(WORDS).format(_NAMES[way]), language, "f-string")


def _alone(before: str, after: str) -> bool:
    """Whether an operator may stand there without brackets."""
    before, after = before.rstrip(), after.lstrip(" ")
    starts = not before or before.endswith(("(", ",", "[", "{", " =", "return", "raise", ":"))
    return starts and (not after or after.startswith((")", ",", "]", "}", "\n")))


def _old(quote: str, inner: str, way: str) -> str | None:
    try:
        parts = [
            (text, field, spec or "", conversion)
            for text, field, spec, conversion in string.Formatter().parse(inner)
        ]
    except ValueError:
        return None
    fields = [field for _text, field, _spec, _conversion in parts if field is not None]
    if not fields or any(
        not _plain(field) or "{" in spec for _t, field, spec, _c in parts if field is not None
    ):
        return None
    if way == "format":
        return _format(quote, parts, fields)
    if any(spec or conversion not in {None, "r"} for _text, _field, spec, conversion in parts):
        return None
    return _percent(quote, parts, fields) if way == "%" else _sum(quote, parts)


def _plain(field: str) -> bool:
    """Whether a field holds an expression that can be moved out as it is."""
    if not field.strip() or field.endswith("=") or "\\" in field:
        return False
    try:
        node = ast.parse(field.strip(), mode="eval").body
    except SyntaxError:
        return False
    return isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)


def _format(quote: str, parts: list[_Part], fields: list[str]) -> str:
    body = ""
    for text, field, spec, conversion in parts:
        body += text.replace("{", "{{").replace("}", "}}")
        if field is not None:
            body += "{" + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "") + "}"
    return f"{quote}{body}{quote}.format({', '.join(each.strip() for each in fields)})"


def _percent(quote: str, parts: list[_Part], fields: list[str]) -> str:
    body = ""
    for text, field, _spec, conversion in parts:
        body += text.replace("%", "%%")
        if field is not None:
            body += "%r" if conversion == "r" else "%s"
    arguments = ", ".join(each.strip() for each in fields)
    return (
        f"{quote}{body}{quote} % {arguments}"
        if len(fields) == 1 and "(" not in arguments
        else f"{quote}{body}{quote} % ({arguments}{',' if len(fields) == 1 else ''})"
    )


def _sum(quote: str, parts: list[_Part]) -> str:
    terms = []
    for text, field, _spec, conversion in parts:
        if text:
            terms.append(f"{quote}{text}{quote}")
        if field is not None:
            terms.append(f"{'repr' if conversion else 'str'}({field.strip()})")
    return " + ".join(terms)
