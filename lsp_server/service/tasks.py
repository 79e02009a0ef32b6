"""Rewrites whose words are known: what the model is told, and what an answer must come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.core.types import Span
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.slots import Slot, uncaught, undocumented, untyped


@dataclass(frozen=True, slots=True)
class Task:
    """`words` tell the model what to do; `more` of the user's own may follow.

    Where `slots` finds places, only these are filled, and all else stays by construction.
    """

    title: str
    words: str
    slots: Callable[[Parsed, Span], tuple[Slot, ...]] | None = None
    aside: bool = False
    """The answer is for a document of its own, and need not hold what is selected."""


TASKS = {
    "simplify": Task("Simplify", "Simplify this code without changing what it does."),
    "types": Task(
        "Add types",
        "Add type annotations to the parameters, results and variables of this code. Change nothing else.",
        untyped,
    ),
    "docs": Task(
        "Add documentation",
        "Add a short documentation comment that says what this code does. Change nothing else.",
        undocumented,
    ),
    "rename": Task("Rename for clarity", "Give local variables clearer names. Change nothing else."),
    "errors": Task(
        "Handle errors",
        "Handle the errors that can occur in this code, without changing what it does when there are none.",
        uncaught,
    ),
    "async": Task("Make async", "Make this code asynchronous, awaiting what takes time."),
    "test": Task("Write a test", "Write a unit test for this code, in place of it.", aside=True),
    "translate": Task("Translate", "Translate this code from {source} to {language}.", aside=True),
    "fix": Task("Fix", "Fix this problem and change nothing else:"),
}
"""By the id that commands and the command line take."""
