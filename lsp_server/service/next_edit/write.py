"""What the model writes where syntax says only that something is lacking: an argument of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lsp_server.context.gather import Gatherer
from lsp_server.core.settings import Settings
from lsp_server.core.types import Edit
from lsp_server.service.engine import Engine
from lsp_server.service.next_edit.candidate import Candidate
from lsp_server.service.next_edit.change import Change
from lsp_server.service.next_edit.judge import request_of, with_changes
from lsp_server.service.prompt import Target, compose
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.parse import Parsed

MOST_TOKENS = 16
_OPENERS, _CLOSERS = "([{", ")]}"


class Writer:
    """Asks the engine to fill what is lacking."""

    def __init__(self, *, gatherer: Gatherer, engine: Engine) -> None:
        self._gatherer = gatherer
        self._engine = engine

    async def written(
        self, candidate: Candidate, parsed: Parsed, changes: Sequence[Change], settings: Settings
    ) -> Candidate | None:
        """The candidate with the argument that the model writes; None if that is not one, or does not parse.

        Raises what the engine raises.
        """
        document, edit = candidate.document, candidate.edit
        context = self._gatherer.gather(document, parsed, edit.span, settings.context)
        target = Target(edit.span, kept=edit.text, healed=False, max_lines=1, max_tokens=MOST_TOKENS)
        prompt = compose(document, context, [target])
        shown = with_changes(context, document, changes)
        result = await self._engine.fill(request_of(prompt, document, shown, settings))
        text = result.candidates[0].fills[0].text.strip() if result.candidates else ""
        whole = Edit(edit.span, edit.text + text)
        if not _is_one(text) or check_edits(parsed, [whole]).worse:
            return None
        return replace(candidate, edit=whole, written=True)


def _is_one(text: str) -> bool:
    """Whether it is one argument: nothing of the call behind it, and no second one."""
    depth = 0
    for character in text:
        depth += (character in _OPENERS) - (character in _CLOSERS)
        if depth < 0 or (depth == 0 and character in ",;\n"):
            return False
    return bool(text) and depth == 0
