"""What was offered and not wanted, so that it is not offered again."""

from __future__ import annotations

from collections import OrderedDict

from lsp_server.service.next_edit.candidate import Candidate, line_at

MOST_REMEMBERED = 256
MOST_OFFERS = 3
"""How many times the same change of a line is offered while the user edits elsewhere instead."""

Fingerprint = tuple[str, str, str, str]


class Refused:
    """Remembers by document, line and text: a place moves, what stands there does not."""

    def __init__(self) -> None:
        self._offers: OrderedDict[Fingerprint, int] = OrderedDict()

    def offered(self, candidate: Candidate) -> None:
        """It was shown at a new text of its document."""
        key = _of(candidate)
        self._offers[key] = self._offers.pop(key, 0) + 1
        while len(self._offers) > MOST_REMEMBERED:
            self._offers.popitem(last=False)

    def refused(self, candidate: Candidate) -> None:
        """The user said no."""
        self._offers[_of(candidate)] = MOST_OFFERS

    def __contains__(self, candidate: Candidate) -> bool:
        """Whether it was refused, or offered often enough."""
        return self._offers.get(_of(candidate), 0) >= MOST_OFFERS


def _of(candidate: Candidate) -> Fingerprint:
    text, edit = candidate.document.text, candidate.edit
    line = line_at(text, edit.span)
    return candidate.document.key, text[line.start : line.end], candidate.old, edit.text
