"""What of a request must not leave the machine.

To a model on this machine a document's own text may be shown whatever it holds. To another machine a
text that looks like it holds a secret is not, nor any other part of a document that holds one, since of
a key the middle looks like anything.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from lsp_server.context.secrets import holds_secret
from lsp_server.engine.protocol import FillRequest
from lsp_server.service.documents import Documents

LARGEST = 300_000
"""Code points of a document beyond which it is not looked through, and stays."""
_LINES = 1 << 15


class Leaving:
    """Judges requests before they are sent elsewhere."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        # a keystroke changes a line or two, and looking costs a millisecond for each thousand characters
        self._line_stays = lru_cache(_LINES)(holds_secret)

    def stays(self, request: FillRequest) -> bool:
        """Whether the request, or the open document that it is about, may hold a secret."""
        document = self._documents.get(request.document)
        text = document.text if document else ""
        shown = (request.text, request.instruction or "", *(each.text for each in request.snippets), text)
        return len(text) > LARGEST or any(map(self._text_stays, shown))

    def _text_stays(self, text: str) -> bool:
        """Whether there is a secret in `text`; a name and its value may stand on two lines."""
        lines = text.split("\n")
        if len(lines) == 1:
            return self._line_stays(text)
        return any(self._line_stays(f"{line}\n{following}") for line, following in pairwise(lines))
