"""Where a fill ends, judged by its text."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.text import indent_width
from lsp_server.engine.runtime.denoise.repeats import Behind

FENCE = "```"
"""What a base that has learnt to chat puts behind code, before it explains."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The conditions of `engine.protocol.Hole`, and what shows that a fill has gone on for too long.

    `marker` closes an answer in chat layout. `behind` is what follows the hole: a fill ends
    where it begins to repeat that. `fence`: it ends before a line that begins with a code fence.
    """

    max_lines: int | None = None
    min_indent: int | None = None
    marker: str | None = None
    behind: Behind | None = None
    fence: bool = False

    @classmethod
    def within(
        cls, before: str, after: str, *, max_lines: int | None = None, min_indent: int | None = None
    ) -> Ending:
        """The ending of a hole between two texts; a fence is code where they have one too."""
        fence = FENCE not in before and FENCE not in after
        return cls(max_lines, min_indent, behind=Behind.of(after), fence=fence)

    def cut(self, text: str) -> int | None:
        """The length at which `text` has ended, or None while it may go on."""
        cuts = (
            self._marker_cut(text),
            self._line_cut(text),
            self._indent_cut(text),
            self.behind.cut(text) if self.behind else None,
            self._fence_cut(text),
        )
        return min((cut for cut in cuts if cut is not None), default=None)

    def _marker_cut(self, text: str) -> int | None:
        if self.marker is None:
            return None
        at = text.find(self.marker)
        return at if at >= 0 else None

    def _line_cut(self, text: str) -> int | None:
        if self.max_lines is None:
            return None
        at = -1
        for _ in range(self.max_lines):
            at = text.find("\n", at + 1)
            if at < 0:
                return None
        return at

    def _indent_cut(self, text: str) -> int | None:
        if not self.min_indent:
            return None
        start = text.find("\n") + 1
        while start > 0:
            line = text[start:].partition("\n")[0]
            if line.strip() and indent_width(line) < self.min_indent:
                return len(text[:start].rstrip())
            start = text.find("\n", start) + 1
        return None

    def _fence_cut(self, text: str) -> int | None:
        if not self.fence:
            return None
        at = text.find(FENCE)
        while at >= 0:
            start = text.rfind("\n", 0, at) + 1
            if start and not text[start:at].strip() and text[:start].strip():
                return len(text[:start].rstrip())
            at = text.find(FENCE, at + len(FENCE))
        return None


def sensible_cut(text: str) -> str:
    """What to keep of a fill that ran out of time: whole lines if it has any."""
    head, line_break, _ = text.rpartition("\n")
    return head if line_break and head.strip() else text
