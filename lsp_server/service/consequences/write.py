"""Arguments that the model writes: a hole at each call, which sees the definition and the calls before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from lsp_server.context.gather import Gatherer
from lsp_server.core.edits import apply_together
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Edit, Span
from lsp_server.engine.protocol import Decode, FillResult
from lsp_server.service.across.edited import Change, Left
from lsp_server.service.across.shown import Named, Shown, beside, lines_of
from lsp_server.service.consequences.argument import Argument, first_argument
from lsp_server.service.consequences.fit import Part, Refit
from lsp_server.service.consequences.given import SAME_NAME, given_around, is_known, is_likely
from lsp_server.service.consequences.sites import Sites
from lsp_server.service.engine import Engine
from lsp_server.service.mending import next_decodes
from lsp_server.service.prompt import Target, compose
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.names import undefined_names
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.signatures import Slot
from lsp_server.syntax.uses import Use, uses

MOST_TOKENS = 24
"""Of one argument."""
LEAST_SURE = 0.9
"""Geometric mean of the probabilities of an argument's tokens below which the call is left as it is."""
Sees = Literal["nothing", "definition", "all"]
"""What is shown beside the usual: the definition, or the calls that were filled before as well."""
_NAME = re.compile(r"[^\W\d][\w$]*")
NOT_SURE = "the model is not sure of `{}`"
NO_ARGUMENT = "the model wrote no argument that is known there"


@dataclass(slots=True)
class Page:
    """One document under work: what changes there for certain, what was written so far, and what was not."""

    sites: Sites
    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    calls: list[Span] = field(default_factory=list)
    """Where arguments were written, in offsets before the changes."""

    @classmethod
    def of(cls, found: Sites) -> Page:
        """With the changes that need no model."""
        sure = [each for each in found.refits if not each.holes]
        changes = [Change(Edit(each.span, _text(each.parts)), sure=True) for each in sure]
        return cls(found, changes, list(found.left))

    @property
    def document(self) -> Document:
        """The document before the changes."""
        return self.sites.document

    @property
    def edits(self) -> list[Edit]:
        """The changes' edits, in order."""
        return sorted((each.edit for each in self.changes), key=lambda edit: edit.span)

    def now(self) -> Document:
        """The document with the changes so far."""
        return replace(self.document, text=apply_together(self.document.text, self.edits))

    def moved(self, span: Span) -> Span:
        """Where a span that no change touches lies by now; changes inside it make it longer."""
        return Span(self._moved(span.start), self._moved(span.end))

    def shown(self) -> list[Shown]:
        """The calls that were filled, as they are now."""
        now = self.now()
        return [lines_of(now, self.moved(span)) for span in self.calls]

    def _moved(self, offset: int) -> int:
        before = (edit for edit in self.edits if edit.span.end <= offset and edit.span.start < offset)
        return offset + sum(len(edit.text) - len(edit.span) for edit in before)


class Writer:
    """Asks the engine for arguments, and shows it what `sees` says of other places."""

    def __init__(self, *, gatherer: Gatherer, engine: Engine, named: Named, sees: Sees = "all") -> None:
        self._gatherer = gatherer
        self._engine = engine
        self._named = named
        self._sees = sees

    async def fill(
        self, page: Page, refit: Refit, known: Sequence[Shown], pages: Sequence[Page], settings: Settings
    ) -> FillResult | None:
        """Write what one call lacks into its page, or note why it is left. Raises what the engine raises."""
        parts: list[Part] = list(refit.parts)
        result, sure = None, 1.0
        for at, part in enumerate(refit.parts):
            if not isinstance(part, Slot):
                continue
            written, result = await self._written(page, refit.span, parts, at, (known, pages), settings)
            if written is None:
                page.left.append(Left(page.document, refit.span, NO_ARGUMENT))
                return result
            parts[at], sure = written.text, min(sure, written.confidence)
        change = Change(Edit(refit.span, _text(parts)), confidence=sure)
        if sure < LEAST_SURE:
            said = "".join(change.edit.text.split("\n")[:1]).strip(", ")
            page.left.append(Left(page.document, refit.span, NOT_SURE.format(said), change))
            return result
        page.changes.append(change)
        page.calls.append(refit.span)
        return result

    async def _written(
        self,
        page: Page,
        span: Span,
        parts: Sequence[Part],
        at: int,
        others: tuple[Sequence[Shown], Sequence[Page]],
        settings: Settings,
    ) -> tuple[Argument | None, FillResult | None]:
        document, parsed, place = _asked(page, span, parts, at)
        lacking = parts[at]
        assert isinstance(lacking, Slot)  # noqa: S101 -- for mypy
        name, given = lacking.name, given_around(parsed, place)
        if name not in given and is_known(parsed, place, lacking):
            return Argument(name, SAME_NAME), None
        context = self._gatherer.gather(document, parsed, Span(place, place), settings.context)
        window = Span(context.window.start, context.window.start + len(context.window.text))
        known, pages = others
        calls = [each for other in pages for each in other.shown()] if self._sees == "all" else []
        more = beside(document.key, window, known if self._sees != "nothing" else (), calls, self._named)
        snippets = (*context.snippets, *more)
        chosen, avoid = Decode(settings.engine.decode), tuple[str, ...]()
        result = None
        for decode in (chosen, *next_decodes(chosen)):
            target = Target(
                Span(place, place), healed=False, max_lines=1, max_tokens=MOST_TOKENS, avoid=avoid
            )
            prompt = compose(document, context, [target])
            request = prompt.request(document, settings, budget_ms=settings.rewrite.budget_ms, decode=decode)
            request = msgspec.structs.replace(request, snippets=snippets)
            result = await self._engine.fill(request, wait=True)
            if not result.candidates:
                break
            fill = result.candidates[0].fills[0]
            found = first_argument(fill, name)
            if (
                found
                and is_likely(found.text, given)
                and _fits(parsed, Edit(Span(place, place), f" {found.text}"))
            ):
                return found, result
            avoid = (*avoid, fill.text)
        return None, result


def _fits(parsed: Parsed, edit: Edit) -> bool:
    """Whether it parses, and uses no name that nothing there defines."""
    if check_edits(parsed, [edit]).worse or undefined_names(parsed, edit):
        return False
    if parsed.language.id == "python":
        return True
    after = parsed.edited([edit])
    within = Span(edit.span.start, edit.span.start + len(edit.text))
    used = (
        name
        for name in _NAME.findall(edit.text)
        if any(not _is_inner(use) for use in uses(after, name, within))
    )
    return all(re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", parsed.text) for name in used)


def _is_inner(use: Use) -> bool:
    """Whether something else says what the name is of, or it is made here."""
    return use.member or use.keyword or use.binds


def _asked(page: Page, span: Span, parts: Sequence[Part], at: int) -> tuple[Document, Parsed, int]:
    """The document with what is known by now of the call, and where in it the argument is lacking.

    Blanks before it are left to the model, whose words begin with them.
    """
    behind = parts[at + 1 :]
    lacking = [number for number, part in enumerate(behind) if isinstance(part, Slot)]
    head = _text(parts[:at]).rstrip(" ")
    tail = _text(behind[lacking[-1] + 1 :] if lacking else behind)
    text = page.document.text
    before = Edit(span, head + tail)
    place = span.start + len(head) + page.moved(Span(span.start, span.start)).start - span.start
    document = replace(page.document, text=apply_together(text, [*page.edits, before]))
    return document, parse(document.text, page.sites.parsed.language), place


def _text(parts: Sequence[Part]) -> str:
    return "".join(part for part in parts if isinstance(part, str))
