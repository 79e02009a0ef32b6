"""Where the hole of a cursor begins, and what was last written there.

The model is shown what stands before a hole, then what stands behind it, then what was typed into it.
A hole that began at the cursor would have another beginning after each keystroke, and all that stands
behind it would have to be read again. So it begins where its line does: while the line is typed its
surroundings stay the same, token for token. The fills are better, too (docs/LOG.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.healing import LONGEST, half_typed
from lsp_server.service.prompt import unix

LONGEST_HEAD = 200
"""Characters typed into a hole; on longer lines it begins at what is half typed."""
MOST_DRAFTS = 16


def start_of_hole(text: str, offset: int) -> int:
    """The start of the cursor's line, or of what is half typed before the cursor where that is far off."""
    line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    if offset - line <= LONGEST_HEAD:
        return line
    return offset - half_typed(text[max(0, offset - 2 * LONGEST) : offset])


@dataclass(frozen=True, slots=True)
class _Written:
    """The last fill of a document: the text before its hole, and what was written there."""

    before: str
    fill: str


class Drafts:
    """The last fill of each document, by its key: what the next hole there may be filled with."""

    def __init__(self) -> None:
        self._written: dict[str, _Written] = {}

    def keep(self, key: str, before: str, fill: str) -> None:
        """Keep a fill of the hole behind `before`."""
        self._written.pop(key, None)
        self._written[key] = _Written(before, fill)
        while len(self._written) > MOST_DRAFTS:
            del self._written[next(iter(self._written))]

    def at(self, key: str, before: str) -> str:
        """What the last fill has for the hole behind `before`: itself, what it goes on with there, or ""."""
        last = self._written.get(key)
        if last is None or not before.startswith(last.before):
            return ""
        written = unix(before[len(last.before) :])
        return last.fill[len(written) :] if last.fill.startswith(written) else ""
