"""What the model is shown of other places: the definition as it is now, and the calls that were filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lsp_server.context.secrets import holds_secret
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Snippet
from lsp_server.service.next_edit.candidate import line_at
from lsp_server.service.prompt import unix

DEFINITION_CHARS = 900
CALLS_CHARS = 600
"""Of calls that were filled before; the last ones count."""

Named = Callable[[Document], str]
"""What a document is called to the model."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A stretch of a document that others are to know."""

    document: Document
    span: Span

    @property
    def text(self) -> str:
        """What stands there."""
        return self.document.text[self.span.start : self.span.end]


def definition(document: Document, span: Span) -> Shown:
    """A definition from its first line on, as much as there is room for, in whole lines."""
    start = document.text.rfind("\n", 0, span.start) + 1
    end = min(span.end, start + DEFINITION_CHARS)
    if end < span.end:
        end = max(document.text.rfind("\n", start, end), min(line_at(document.text, span).end, end))
    return Shown(document, Span(start, max(start, end)))


def lines_of(document: Document, span: Span) -> Shown:
    """The whole lines of a span."""
    return Shown(document, line_at(document.text, span))


def beside(
    key: str, window: Span, known: Iterable[Shown], calls: Sequence[Shown], named: Named
) -> tuple[Snippet, ...]:
    """What is not in the `window` of the document `key` anyway; nothing of a text that shows a secret.

    Definitions first, so that the engine's cache of them stays while calls are added.
    """

    def hidden(each: Shown) -> bool:
        return each.document.key != key or not window.contains(each.span)

    found = [Snippet(named(each.document), unix(each.text)) for each in known if hidden(each) and _may(each)]
    room, texts = CALLS_CHARS, dict[str, list[str]]()
    for each in reversed([each for each in calls if hidden(each) and _may(each)]):
        text = unix(each.text)
        if len(text) > room:
            break
        room -= len(text)
        texts.setdefault(named(each.document), []).insert(0, text)
    return (*found, *(Snippet(path, "\n".join(lines)) for path, lines in texts.items()))


def _may(each: Shown) -> bool:
    return bool(each.text.strip()) and not holds_secret(each.document.text)
