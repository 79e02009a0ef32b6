"""What a rewrite is to do with what is selected."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.types import Span
from lsp_server.syntax.locks import Lock


@dataclass(frozen=True, slots=True)
class Wish:
    """Words, a strength, or both; what must stay is named by kind or by hand.

    `task` is one of `tasks.TASKS`, whose words and checks are known; `instruction` then says more.
    `source` is the language of the selection if it is not the document's: it is to be translated.
    """

    instruction: str = ""
    strength: float | None = None
    task: str = ""
    lock: frozenset[Lock] = frozenset()
    locked: tuple[Span, ...] = ()
    """Places in the document."""
    source: str = ""
