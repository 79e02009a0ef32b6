"""The figures of trials, a row for each way."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.evaluation.consequences.measure import WAYS, Trial

_SAID = {
    "nothing": "each hole alone",
    "definition": "with the definition shown",
    "all": "with the fills before it as well",
}


def in_words(trials: Sequence[Trial]) -> str:
    """A table in Markdown: calls as they were, of all and of those that were written."""
    rows = [
        "| shown | changes | calls | exact | left alone | exact of written | s a call |",
        "| --- " * 7 + "|",
    ]
    for way in WAYS:
        mine = [each for each in trials if each.way == way]
        calls, exact = sum(each.calls for each in mine), sum(each.exact for each in mine)
        left, seconds = sum(each.left for each in mine), sum(each.seconds for each in mine)
        if not calls:
            continue
        shares = f"{exact / calls:.2f} | {left / calls:.2f} | {exact / max(1, calls - left):.2f}"
        rows.append(f"| {_SAID[way]} | {len(mine)} | {calls} | {shares} | {seconds / calls:.1f} |")
    return "\n".join(rows)
