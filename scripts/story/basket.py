"""The file that the demo works on, with the cursor at `CURSOR`."""

from __future__ import annotations

CURSOR = "‸"
NAME = "basket.py"
SELECTED = "def expensive_names"
"""The selection goes from here to the end of the file."""

_MARKED = '''"""The basket of a small shop."""

from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float
    quantity: int = 1


def total(items: list[Item], discount: float = 0.0) -> float:
    """What the basket costs, after the discount."""
    result = 0.0
    for item in items:
        ‸
    return result * (1 - discount)


def expensive_names(items: list[Item], limit: float) -> list[str]:
    """Names of the items that cost more than limit."""
    names = []
    for i in range(len(items)):
        if items[i].price > limit:
            names.append(items[i].name)
    return names
'''

TEXT = _MARKED.replace(CURSOR, "")
OFFSET = _MARKED.index(CURSOR)
