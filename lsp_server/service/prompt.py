"""From places in a document to the engine's request, and from its fills back to text.

The model always sees line feeds; what it wrote gets the document's line ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from lsp_server.context.gather import Context
from lsp_server.core.healing import half_typed
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Decode, Example, Excluded, FillRequest, Hole, Sampling
from lsp_server.syntax.languages import language_for

LONGEST_MS = 600_000
"""The longest budget the protocol allows."""


@dataclass(frozen=True, slots=True)
class Target:
    """A span of a document to be written anew.

    `kept` is put before the fill. `present` is what the model is told stands in
    the hole. A `healed` hole takes in what is half typed before it, or the `head` last characters
    of the line there; nothing of them grows if they are `settled`. `draft` is what the hole may be
    filled with, from its start, less what is `excluded` in it.
    """

    span: Span
    kept: str = ""
    present: str = ""
    healed: bool = True
    head: int | None = None
    strength: float = 1.0
    max_tokens: int = 64
    max_lines: int | None = None
    min_indent: int | None = None
    avoid: tuple[str, ...] = ()
    draft: str = ""
    excluded: tuple[Excluded, ...] = ()
    settled: bool = False
    locked: tuple[Span, ...] = ()
    """What of `present` must stay, in its offsets."""
    in_place: bool = False
    """What is not locked is denoised where it stands, and the length stays."""
    added: bool = False
    """Targets before it are shown the document as it is there, without `kept` and `present`."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is shown: `heads` are the locked characters each hole begins with."""

    text: str
    holes: tuple[Hole, ...]
    heads: tuple[str, ...]
    context: Context
    crlf: bool = field(default=False)

    def written(self, index: int, fill: str) -> str | None:
        """The text behind the cursor in a fill of hole `index`; None if it lost its locked head."""
        head = self.heads[index]
        if not fill.startswith(head):
            return None
        return with_line_ends(fill[len(head) :], crlf=self.crlf)

    def request(
        self,
        document: Document,
        settings: Settings,
        *,
        budget_ms: int,
        candidates: int = 1,
        instruction: str | None = None,
        source: str = "",
        example: Example | None = None,
        seed: int = 0,
        temperature: float = 0.0,
        frames: bool = False,
        decode: Decode | None = None,
        ahead: bool = False,
    ) -> FillRequest:
        """The request to the engine; `decode` in place of the one in the settings."""
        return FillRequest(
            text=self.text,
            holes=self.holes,
            document=document.key,
            language=document.language,
            path=_name(document),
            snippets=self.context.snippets,
            instruction=instruction,
            source=source,
            example=example,
            sampling=Sampling(decode or Decode(settings.engine.decode), temperature, seed=seed),
            candidates=candidates,
            budget_ms=min(max(1, budget_ms), LONGEST_MS),
            frames=frames,
            ahead=ahead,
        )


def compose(document: Document, context: Context, targets: Iterable[Target]) -> Prompt:
    """Cut the window's text at the targets, in order, and put holes there."""
    window = context.window
    text = unix(context.above)
    holes: list[Hole] = []
    heads: list[str] = []
    done = window.start
    for target in targets:
        floor = holes[-1].end if holes else 0
        text += unix(document.text[done : target.span.start]) + unix(target.kept)
        head = target.head
        if head is None:
            head = half_typed(text[floor:]) if target.healed else 0
        cursor = len(text)
        text += unix(target.present)
        holes.append(_hole(target, cursor - head, cursor, len(text)))
        if target.added:
            missing = unix(document.text[target.span.start : target.span.end])
            holes[-1] = msgspec.structs.replace(holes[-1], lead=len(unix(target.kept)), missing=missing)
        heads.append(text[cursor - head : cursor])
        done = target.span.end
    text += unix(document.text[done : window.start + len(window.text)]) + unix(context.below)
    return Prompt(text, tuple(holes), tuple(heads), context, crlf=uses_crlf(window.text))


def _name(document: Document) -> str:
    """The file's name; of a cell that of a file with its code, since the notebook's own promises JSON."""
    if document.path is None:
        return ""
    if not document.notebook:
        return document.path.name
    endings = language_for(document.language).extensions
    return document.path.stem + (endings[0] if endings else "")


def _hole(target: Target, start: int, cursor: int, end: int) -> Hole:
    return Hole(
        start=start,
        end=end,
        locks=((Span(start, cursor),) if start < cursor else ()) + _locks(target, cursor),
        in_place=target.in_place,
        strength=target.strength,
        max_tokens=target.max_tokens,
        max_lines=target.max_lines,
        min_indent=target.min_indent,
        avoid=target.avoid,
        draft=target.draft,
        excluded=target.excluded,
        settled=target.settled,
    )


def _locks(target: Target, at: int) -> tuple[Span, ...]:
    """The locks of a target whose present text begins at `at` of the prompt."""

    def offset(within: int) -> int:
        return at + len(unix(target.present[:within]))

    return tuple(Span(offset(lock.start), offset(lock.end)) for lock in target.locked)


def unix(text: str) -> str:
    """`text` with line feeds only."""
    return text.replace("\r\n", "\n")


def uses_crlf(text: str) -> bool:
    """Whether most of the text's lines end in CRLF."""
    pairs = text.count("\r\n")
    return pairs > 0 and 2 * pairs >= text.count("\n")


def with_line_ends(text: str, *, crlf: bool) -> str:
    """`text` with one kind of line ends."""
    return unix(text).replace("\n", "\r\n") if crlf else unix(text)
