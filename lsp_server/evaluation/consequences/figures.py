"""The figures of many calls: by kind of change, and by how sure the model has to be."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.evaluation.consequences.holes import ALONE, MARKED, TOGETHER
from lsp_server.evaluation.consequences.kinds import KINDS
from lsp_server.evaluation.consequences.measure import GIVEN_BACK, WAYS
from lsp_server.evaluation.consequences.site import LEFT, MISSED, RIGHT, WRONG, Site

THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_SAID = {
    "nothing": "each call alone",
    "definition": "with the definition shown",
    "all": "with the calls before it as well",
    ALONE: "each document alone",
    TOGETHER: "all documents together",
}


def in_words(sites: Sequence[Site], least: float) -> str:
    """Tables in Markdown; what the model wrote with less than `least` counts as left alone."""
    tables = [_kinds(sites), _ways(sites, GIVEN_BACK, WAYS, least)]
    tables += [_ways(sites, MARKED, (ALONE, TOGETHER), 0.0), _thresholds(sites)]
    return "\n\n".join(each for each in tables if each)


def _kinds(sites: Sequence[Site]) -> str:
    rows = [
        "| change | changes | places | right untouched | right | left and said | missed | wrong |",
        "| --- |" + " --: |" * 7,
    ]
    for kind in KINDS:
        mine = [each for each in sites if each.kind == kind]
        if mine:
            untouched = sum(each.untouched for each in mine) / len(mine)
            shares = " | ".join(_share(mine, outcome) for outcome in (RIGHT, LEFT, MISSED, WRONG))
            rows.append(f"| {kind} | {_changes(mine)} | {len(mine)} | {untouched:.2f} | {shares} |")
    return "\n".join(rows) if len(rows) > 2 else ""


def _ways(sites: Sequence[Site], kind: str, ways: Sequence[str], least: float) -> str:
    rows = [
        f"| {kind}, sure by {least} | changes | calls | right | left | wrong | right of written | s a call |",
        "| --- |" + " --: |" * 7,
    ]
    for way in ways:
        mine = [each for each in sites if each.kind == kind and each.way == way]
        if mine:
            changes = {(each.package, each.change): each.seconds for each in mine}
            seconds = sum(changes.values()) / len(mine)
            rows.append(
                f"| {_SAID[way]} | {len(changes)} | {len(mine)} | {_written(mine, least)} | {seconds:.1f} |"
            )
    return "\n".join(rows) if len(rows) > 2 else ""


def _thresholds(sites: Sequence[Site]) -> str:
    mine = [each for each in sites if each.kind == GIVEN_BACK and each.way == WAYS[-1]]
    if not mine:
        return ""
    rows = ["| sure by | right | left | wrong | right of written |", "| --: |" + " --: |" * 4]
    rows += [f"| {least} | {_written(mine, least)} |" for least in THRESHOLDS]
    return "\n".join(rows)


def _written(sites: Sequence[Site], least: float) -> str:
    """Shares of all that are right, left and wrong; and of what is written that is right."""
    written = [each for each in sites if each.outcome in {RIGHT, WRONG} and each.confidence >= least]
    right = sum(each.outcome == RIGHT for each in written)
    count = len(sites)
    shares = right / count, 1 - len(written) / count, 1 - (count - len(written) + right) / count
    return " | ".join(f"{each:.2f}" for each in (*shares, right / max(1, len(written))))


def _share(sites: Sequence[Site], outcome: str) -> str:
    return f"{sum(each.outcome == outcome for each in sites) / len(sites):.2f}"


def _changes(sites: Sequence[Site]) -> int:
    return len({(each.package, each.change) for each in sites})
