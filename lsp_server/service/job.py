"""What one rewrite is about."""

from __future__ import annotations

from dataclasses import dataclass, field

from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Doubt
from lsp_server.service.canvas import OnHoles
from lsp_server.service.engine import OnFrame
from lsp_server.service.kept import Kept
from lsp_server.service.taking import Taking
from lsp_server.service.wish import Wish
from lsp_server.syntax.parse import Parsed


@dataclass(frozen=True, slots=True)
class Job:
    """What stays the same over a run's requests; `document` has what is kept in it, `asked` has not."""

    asked: Document
    document: Document
    parsed: Parsed
    settings: Settings
    wish: Wish
    seed: int
    deadline: float
    on_frame: OnFrame | None
    kept: Kept
    on_holes: OnHoles | None
    taking: Taking = field(default_factory=Taking)
    doubts: dict[str, tuple[Doubt, ...]] = field(default_factory=dict)
    """Of each text that was written, in its offsets."""

    def over(self, now: float) -> bool:
        """Whether to ask for nothing more."""
        return self.taking.wanted or now >= self.deadline
