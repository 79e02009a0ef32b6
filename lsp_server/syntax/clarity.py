"""Names of variables that say nothing, and whether another one may be written in their place."""

from __future__ import annotations

import builtins
import keyword
import re

from lsp_server.syntax.locals import Local
from lsp_server.syntax.parse import Parsed

FEWEST = 3
"""Letters of a name that says something."""
LONGEST = 30
_USUAL = "cb db e f fn i id io ip j k n ok os pk to x y z "
"""Short names that everybody reads."""
_EMPTY = (
    "aaa arr aux bar baz blah dct foo lst mydict mylist myvar obj objs qux res ret retval rv stuff "
    "temp thing things tmp val vals var xx "
)
_NUMBERED = re.compile(r"([A-Za-z]+?)_?\d")
_WITH_NUMBER = "data item line list name node out result str text value "
"""Words that a number behind them makes no clearer."""
_GO = (
    "append bool break byte cap case chan clear close complex const continue copy default defer "
    "delete else error fallthrough false float32 float64 for func go goto if imag import int int32 "
    "int64 interface iota len make map max min new nil package panic print println range real recover "
    "return rune select string struct switch true type uint var "
)
_SCRIPT = (
    "abstract arguments async await boolean break byte case catch class const continue debugger "
    "default delete do else enum eval export extends false finally for function get if implements "
    "import in instanceof interface let new null number object of package private protected public "
    "return set static string super switch symbol this throw true try type typeof undefined var void "
    "while with yield "
)
_PYTHON = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_unclear(parsed: Parsed, local: Local) -> bool:
    """Whether a name says nothing about what it stands for; short ones may where all is on one line."""
    name = local.name
    if name in _USUAL.split() or name != name.lower() or name.startswith(("_", "$")):
        return False
    numbered = _NUMBERED.fullmatch(name)
    stem = numbered[1] if numbered else name
    if len(stem) < FEWEST:
        lines = parsed.text[local.places[0].start : local.places[-1].end].count("\n")
        return stem not in _USUAL.split() and lines > 0
    return stem in _EMPTY.split() or bool(numbered and stem in _WITH_NUMBER.split())


def styled(parsed: Parsed, name: str) -> str:
    """A name as the language writes variables; empty if it is none, means something, or says nothing."""
    words = [word.lower() for word in _WORDS.findall(name)]
    python = parsed.language.id == "python"
    joined = "_".join(words) if python else "".join(words[:1] + [word.title() for word in words[1:]])
    reserved = _PYTHON if python else (_GO if parsed.language.id == "go" else _SCRIPT).split()
    says = sum(char.isalpha() for char in joined) >= FEWEST and joined not in _EMPTY.split()
    plain = joined.isidentifier() and len(joined) <= LONGEST and joined not in reserved
    return joined if says and plain and not _NUMBERED.fullmatch(joined) else ""
