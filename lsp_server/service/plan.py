"""What a rewrite asks of the model: which spans become holes, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lsp_server.context.tokens import chars_in
from lsp_server.core.errors import BadInput
from lsp_server.core.settings import RewriteSettings
from lsp_server.core.text import indent_unit, indent_width, leading, line_end, line_start
from lsp_server.core.types import Document, Span
from lsp_server.service.prompt import Target
from lsp_server.service.slotted import grouped
from lsp_server.service.tasks import TASKS
from lsp_server.service.wish import Wish
from lsp_server.syntax.holes import MarkedHole, body_at, find_holes, node_around
from lsp_server.syntax.languages import Language, Style
from lsp_server.syntax.locals import LANGUAGES, functions_in
from lsp_server.syntax.locks import locked_spans, merged, token_at
from lsp_server.syntax.parse import Parsed
from lsp_server.syntax.portions import parts_of
from lsp_server.syntax.uses import uses

PRESET = TASKS["simplify"].words
"""The instruction when none is given."""
MOST_HOLES = 8
MOST_APART = 4_000
"""Holes and characters between the first and the last that share one request."""
HOLE_TOKENS = 160
EXPRESSION_TOKENS = 32
TOKEN_TOKENS = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """One request: targets in order. Without `fresh` the result replaces what stands there line by line.

    `slotted` targets are those of a task that fills what is missing, and of no task units of code each
    of which may be written anew by itself. A `single` one is a token that becomes another of its kind.
    With `naming` it is a function whose variables get other names.
    `share` is how much of what stands there may change; without words a part of it is masked.
    """

    targets: tuple[Target, ...]
    instruction: str | None = None
    fresh: bool = True
    task: str = ""
    slotted: bool = False
    single: bool = False
    naming: bool = False
    share: float = 1.0
    otherwise: tuple[Plan, ...] = ()
    """What is tried if nothing comes of it."""

    @property
    def span(self) -> Span:
        """From the first target to the last."""
        return Span(self.targets[0].span.start, self.targets[-1].span.end)

    @property
    def in_part(self) -> bool:
        """Whether some of what stands there is to stay."""
        return not self.fresh and (self.share < 1 or self.instruction is None)

    def avoiding(self, fills: Iterable[str]) -> Plan:
        """The same plan with one more rejected fill per target."""
        pairs = zip(self.targets, fills, strict=True)
        targets = tuple(replace(target, avoid=(*target.avoid, fill)) for target, fill in pairs)
        return replace(self, targets=targets)


def plan_rewrite(
    document: Document, parsed: Parsed, span: Span, settings: RewriteSettings, wish: Wish
) -> tuple[Plan, ...]:
    """Rewrite the statements around `span`: as the words say, masking a share of the tokens if it is below 1.

    Without words, all of it is simplified, or that share denoised for its own sake. What is too long for
    one request is asked for in parts, if the words make sense for each of them.

    Raises:
        BadInput: nothing but white space is selected, more than a rewrite may write, nothing is asked for,
            or what is locked leaves nothing to be changed.
    """
    whole = node_around(parsed, span)
    if not document.text[whole.start : whole.end].strip():
        raise BadInput("nothing is selected to rewrite", hint="Select the code to rewrite.")
    if wish.task and wish.task not in TASKS:
        raise BadInput(f"there is no task {wish.task!r}", hint=f"Tasks are {', '.join(TASKS)}.")
    task = TASKS.get(wish.task)
    share = settings.strength if wish.strength is None else wish.strength
    share = share if task is None else 1.0
    if not 0.0 <= share <= 1.0:
        raise BadInput(f"strength must lie between 0 and 1, not {share}")
    if share == 0:
        raise BadInput("strength 0 keeps every token", hint="Give a strength above 0; 0.1 polishes.")
    if wish.task == "rename" and not wish.instruction.strip() and (named := _with_names(parsed, whole)):
        return tuple(Plan((Target(each),), task="rename", naming=True) for each in named)
    if task and task.slots and (slots := task.slots(parsed, whole)):
        groups = grouped(document.text, wish.task, slots, MOST_HOLES)
        return tuple(Plan(targets, task=wish.task, slotted=True) for targets in groups)
    plans = _in_words(document, parsed, whole, settings, wish, share)
    if wish.task == "fix" and (token := token_at(parsed, span)) and not _is_defined_at(parsed, token):
        target = Target(token, healed=False, max_tokens=TOKEN_TOKENS, max_lines=1)
        return (Plan((target,), task="fix", single=True, otherwise=plans),)
    return plans


def _in_words(
    document: Document, parsed: Parsed, whole: Span, settings: RewriteSettings, wish: Wish, share: float
) -> tuple[Plan, ...]:
    """What the statements of `whole` become as the words say, or `share` of their tokens without words."""
    task = TASKS.get(wish.task)
    words = _words(document, wish, share)
    most = chars_in(settings.max_tokens)
    parts = [whole] if task and task.aside else parts_of(parsed, whole, most)
    if not parts or max(map(len, parts)) > most:
        raise BadInput(
            f"the selection is longer than the {settings.max_tokens} tokens a rewrite may write",
            hint="Select fewer lines or raise the setting rewrite.maxTokens.",
        )
    if words is None or share < 1:
        _check_something_is_free(document, parsed, whole, wish)
    known = wish.task or ("simplify" if words == PRESET else "")
    targets = (
        Target(
            part, present=document.text[part.start : part.end], healed=False, max_tokens=settings.max_tokens
        )
        for part in parts
    )
    return tuple(Plan((each,), words, fresh=False, task=known, share=share) for each in targets)


def _with_names(parsed: Parsed, whole: Span) -> tuple[Span, ...]:
    """The functions of which it is known where their variables stand."""
    return functions_in(parsed, whole) if parsed.language.id in LANGUAGES else ()


def _is_defined_at(parsed: Parsed, token: Span) -> bool:
    """Whether a name gets its meaning there: what is wrong with that, another name does not mend."""
    found = uses(parsed, parsed.text[token.start : token.end], token)
    return any(use.binds and not use.imports for use in found)


def _words(document: Document, wish: Wish, share: float) -> str | None:
    """What the model is told; None to denoise without words."""
    said = wish.instruction.strip()
    if said and not any(char.isalpha() for char in said):
        raise BadInput(f"{said!r} asks for nothing", hint="Say in words what is to be done.")
    if wish.task:
        words = TASKS[wish.task].words.format(
            source=wish.source or "its language", language=document.language
        )
        return f"{words} {said}".strip()
    in_part = share < 1 or wish.lock or wish.locked
    return said or (None if in_part else PRESET)


def _check_something_is_free(document: Document, parsed: Parsed, whole: Span, wish: Wish) -> None:
    """Raise `BadInput` if nothing is left that may change."""
    free = list(document.text[whole.start : whole.end])
    for lock in locks_in(parsed, whole, wish):
        free[lock.start - whole.start : lock.end - whole.start] = " " * len(lock)
    if not "".join(free).strip():
        raise BadInput("everything that is selected is locked", hint="Lock less, or select more.")


def locks_in(parsed: Parsed, span: Span, wish: Wish) -> tuple[Span, ...]:
    """What of a span is locked, by kind or by hand, in order."""
    return merged((*locked_spans(parsed, span, wish.lock), *_by_hand(wish, span)))


def _by_hand(wish: Wish, span: Span) -> Iterator[Span]:
    """What of the places locked by hand lies in `span`."""
    for lock in wish.locked:
        start, end = max(lock.start, span.start), min(lock.end, span.end)
        if start < end:
            yield Span(start, end)


def check_locks(parsed: Parsed, wish: Wish) -> None:
    """Raise `BadInput` for locks that cannot be kept: kinds without a grammar, places outside the text."""
    if wish.lock and not parsed.has_tree:
        raise BadInput(
            f"there is no grammar for {parsed.language.id} here, so nothing can be locked by kind",
            hint="Lock places by hand, or leave the lock out.",
        )
    for lock in wish.locked:
        if lock.end > len(parsed.text):
            raise BadInput(f"a lock ends at {lock.end}, the document at {len(parsed.text)}")


def plan_body(document: Document, parsed: Parsed, span: Span, settings: RewriteSettings) -> Plan | None:
    """Write the body of the innermost function around `span` anew, behind its docstring; None outside one."""
    body = body_at(parsed, span)
    if body is None:
        return None
    text = document.text
    before = text[line_start(text, body.start) : body.start]
    own_line = not before.strip()
    target = Target(body, max_tokens=settings.max_tokens)
    if own_line:
        return Plan((replace(target, min_indent=indent_width(before)),))
    if parsed.language.style is not Style.INDENT:
        return Plan((target,))
    if len(body):
        return Plan((replace(target, max_lines=1),))
    deeper = indent_unit(text, body.start) if before.rstrip().endswith(":") else ""
    indent = leading(before) + deeper
    return Plan((replace(target, kept=f"\n{indent}", min_indent=len(indent)),))


def plan_holes(document: Document, parsed: Parsed, within: Span | None) -> Iterator[Plan]:
    """Fill every marked hole in `within`; neighbours share a request and see each other's fills."""
    group: list[Target] = []
    for marked in find_holes(parsed, within):
        target = _marked(document, parsed, marked)
        if group and (len(group) == MOST_HOLES or target.span.end - group[0].span.start > MOST_APART):
            yield Plan(tuple(group))
            group = []
        group.append(target)
    if group:
        yield Plan(tuple(group))


def _marked(document: Document, parsed: Parsed, marked: MarkedHole) -> Target:
    """A hole in the marker's place; its instruction stays before it as an ordinary comment."""
    text, span = document.text, marked.span
    if text[span.start : span.end] == "___":
        return Target(span, max_tokens=EXPRESSION_TOKENS, max_lines=1)
    indent = indent_at(text, span.start)
    said = _comment(parsed.language, marked.instruction) if marked.instruction else ""
    kept = f"{said}\n{indent}" if said else ""
    return Target(span, kept, max_tokens=HOLE_TOKENS, min_indent=indent_width(indent))


def _comment(language: Language, words: str) -> str:
    """`words` as a comment; nothing in a language without comments."""
    if language.line_comment:
        return f"{language.line_comment} {words}"
    if language.block_comment:
        return f"{language.block_comment[0]} {words} {language.block_comment[1]}"
    return ""


def indent_at(text: str, offset: int) -> str:
    """The white space at the start of the line that holds `offset`."""
    return leading(text[line_start(text, offset) : line_end(text, offset)])
