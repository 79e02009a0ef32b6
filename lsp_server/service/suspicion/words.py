"""A flag as a person reads it."""

from __future__ import annotations

from lsp_server.service.suspicion.flag import Flag
from lsp_server.syntax.sites import SiteKind

MOST_TIMES = 1000
_WHAT = {
    SiteKind.COMPARISON: "this comparison",
    SiteKind.LOGIC: "this condition",
    SiteKind.ARITHMETIC: "this operator",
    SiteKind.TRUTH: "this value",
    SiteKind.NUMBER: "this number",
    SiteKind.NAME: "this variable",
    SiteKind.ARGUMENTS: "the order of these arguments",
}


def in_words(text: str, flag: Flag) -> str:
    """The message of a flag in `text`: what would be likelier there, and by how much."""
    present = " ".join(text[flag.span.start : flag.span.end].split())
    instead = " ".join(flag.alternative.split())
    return f"Is {_WHAT[flag.kind]} right? `{instead}` is {how_often(flag)} likelier here than `{present}`."


def how_often(flag: Flag) -> str:
    """How much likelier the alternative is."""
    if flag.times > MOST_TIMES:
        return f"over {MOST_TIMES} times"
    return f"about {float(f'{flag.times:.1g}' if flag.times >= 10 else f'{flag.times:.2g}'):g} times"
