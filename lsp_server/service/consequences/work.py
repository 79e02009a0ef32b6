"""A change under work: until when, what it cost, and what the model must not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_server.context.secrets import holds_secret
from lsp_server.core.settings import Settings
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import FillResult
from lsp_server.service.across.edited import spent
from lsp_server.service.across.files import UNOPENED
from lsp_server.service.consequences.changed import Changed
from lsp_server.service.consequences.write import Page

NOT_SHOWN = "the file may hold secrets"


@dataclass(slots=True)
class Work:
    """One change under work: until when, and what it cost."""

    changed: Changed
    settings: Settings
    clock: Callable[[], float]
    deadline: float = 0.0
    figures: FillFigures = field(default_factory=FillFigures)

    def __post_init__(self) -> None:
        self.deadline = self.clock() + self.settings.rewrite.budget_ms / 1000

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.clock() >= self.deadline

    def spend(self, result: FillResult | None) -> None:
        """Count what an answer cost."""
        if result is not None:
            self.figures = spent(self.figures, result.figures)


def hidden(page: Page) -> str:
    """Why the model is not to see a document; nothing where it may, or where the user has it open."""
    unopened = page.document.revision == UNOPENED
    return NOT_SHOWN if unopened and holds_secret(page.document.text) else ""
