"""Counts of what was offered, and tables of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lsp_server.evaluation.rewriting.run import Offer
from lsp_server.evaluation.rewriting.unclear import HOW_MANY, became


def by_task(found: Sequence[Offer]) -> str:
    """A row for each task: how many were offered, parse, do what was asked, keep the rest, or all that."""
    rows = [
        "| task | functions | offered | parses | done | kept | good | refused because | s |",
        f"|{' --- |' * 9}",
    ]
    for task in dict.fromkeys(offer.task for offer in found):
        own = [offer for offer in found if offer.task == task]
        good = sum(offer.parses and offer.asked and offer.kept for offer in own)
        counts = [sum(not offer.refused for offer in own)]
        counts += [sum(getattr(offer, what) for offer in own) for what in ("parses", "asked", "kept")]
        why = Counter(offer.refused for offer in own if offer.refused)
        said = ", ".join(f"{reason} {count}" for reason, count in why.most_common())
        seconds = sum(offer.seconds for offer in own) / len(own)
        cells = [task, len(own), *counts, good, said, f"{seconds:.1f}"]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


def names(found: Sequence[Offer]) -> str:
    """Of the names that said nothing how many were replaced, and how many by what they were before."""
    own = [offer for offer in found if offer.task == "rename"]
    if not own:
        return ""
    new = [
        each for offer in own if offer.answer for each in became(offer.original, offer.before, offer.answer)
    ]
    same = sum(was == now for was, _, now in new)
    said = "; ".join(f"{was} ({then}): {now}" for was, then, now in new)
    return f"names: {HOW_MANY * len(own)}, replaced {len(new)}, as they were {same}: {said}"
