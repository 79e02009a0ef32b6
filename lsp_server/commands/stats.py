"""`remask stats`: what became of suggestions, counted on this machine and sent nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

if TYPE_CHECKING:
    from lsp_server.service.statistics import Day


def command(
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the counts instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print or delete the counts of suggestions shown, taken and dismissed. They never leave this machine."""
    from lsp_server.service import statistics

    if delete:
        existed = statistics.delete()
        print(f"deleted {statistics.path()}" if existed else "there was nothing to delete")
        return
    days = statistics.read()
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(days)).decode())
    elif not days:
        print("nothing was counted yet")
    else:
        for day, counts in days.items():
            print(f"{day}  {_line(counts)}")
        print(f"\nin all      {_line(sum(days.values(), statistics.Day()))}")
        print(
            f"\n{statistics.path()}: numbers only, on this machine only; `remask stats --delete` deletes them"
        )


def _line(day: Day) -> str:
    """A day's counts, and the share of the suggestions that was taken."""
    counts = day.suggestions
    offered = sum(counts.values())
    taken = counts.get("accepted", 0) + counts.get("partly-accepted", 0)
    share = f" ({taken / offered:.0%})" if offered else ""
    silences = ", ".join(f"{reason} {count}" for reason, count in day.silences.items())
    return f"{offered} shown, {taken} taken{share}" + (f"; silent: {silences}" if silences else "")
