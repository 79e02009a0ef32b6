"""Whether a rewrite keeps what it was not asked to lose or change, and does what it was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsp_server.core.types import Edit, Silence, Span
from lsp_server.syntax import kinds
from lsp_server.syntax.gist import Gist, gist_of, leaves
from lsp_server.syntax.locks import Lock, grown_to_locked, locked_spans, nodes
from lsp_server.syntax.parse import Parsed, parse, span_of

KEPT = 0.6
"""Share of the names and texts that a rewrite keeps whose words say nothing about losing some."""
_LOSING = re.compile(
    r"\b(?:remov|delet|drop|strip|without|get rid|eliminat|shorten|shorter|simplif|reduc|extract|inline|split"
    r"|renam"
    r"|replac|convert|translat|port|rewrite|reimplement|turn (?:this|it)? ?into|instead|only|clean|merge"
    r"|entfern|lösch|streich|ersetz|kürz|verkürz|vereinfach"
    r"|supprim|enlev|retir|remplac|elimin|borr|quita|reemplaz|rimuov|cancell|sostitu|verwijder|vervang)",
    re.IGNORECASE,
)
_ELIDED = re.compile(
    r"\.\.\.|…|\b(?:rest of|remaining|existing|unchanged|same as|previous) (?:the )?"
    r"(?:code|function|method|class|implementation|logic)|\b(?:your|other) code\b|\bas before\b",
    re.IGNORECASE,
)
_ASYNC = re.compile(r"\basync\b|\bsuspend\b")


@dataclass(frozen=True, slots=True)
class Change:
    """A span of a text before and after a rewrite."""

    before: Parsed
    span: Span
    after: Parsed
    now: Span

    @classmethod
    def of(cls, parsed: Parsed, span: Span, edits: Sequence[Edit]) -> Change:
        """What `edits`, all of them in `span`, come to."""
        after = parsed.edited(sorted(edits, key=lambda edit: edit.span, reverse=True))
        return cls(parsed, span, after, Span(span.start, span.end + len(after.text) - len(parsed.text)))

    @property
    def old(self) -> str:
        """The text before."""
        return self.before.text[self.span.start : self.span.end]

    @property
    def new(self) -> str:
        """The text after."""
        return self.after.text[self.now.start : self.now.end]

    def gists(self) -> tuple[Gist, Gist]:
        """What both are about."""
        return gist_of(self.before, self.span), gist_of(self.after, self.now)


def objection(change: Change, task: str, words: str) -> Silence | None:
    """Why a rewrite should not be offered, if there is a reason."""
    if _elides(change):
        return Silence.LOSES_CODE
    if task in _TASKS:
        return _TASKS[task](change)
    if not change.before.has_tree or _LOSING.search(words):
        return None
    old, new = change.gists()
    lost = {name for name in old.defined - new.defined - new.names if name not in words}
    return Silence.LOSES_CODE if lost or old.kept_in(new, aside=words) < KEPT else None


def keeps_locked(change: Change, lock: Sequence[Lock], by_hand: Sequence[Span]) -> bool:
    """Whether all that is locked is still there, verbatim and in order; more of its kind may have come."""
    for kind in lock:
        old = _texts(change.before, locked_spans(change.before, change.span, [kind]))
        new = _texts(change.after, locked_spans(change.after, change.now, [kind]))
        if not _in_order(old, new):
            return False
    at, new_text = 0, change.new
    for span in by_hand:
        text = change.before.text[span.start : span.end]
        found = new_text.find(text, at)
        if found < 0:
            return False
        at = found + len(text)
    return True


def keep_locked(parsed: Parsed, edits: Sequence[Edit], lock: Sequence[Lock], by_hand: Sequence[Span]) -> bool:
    """Whether none of `edits` changes what is locked: half of a change would be worse than none."""

    def free(edit: Edit) -> bool:
        inside = [span for span in by_hand if span.start < edit.span.end and edit.span.start < span.end]
        if not all(edit.span.contains(span) for span in inside):
            return False
        around = grown_to_locked(parsed, edit.span, lock)
        by_kind = keeps_locked(Change.of(parsed, around, [edit]), lock, ())
        return by_kind and keeps_locked(Change.of(parsed, edit.span, [edit]), (), inside)

    return all(free(edit) for edit in edits)


def _texts(parsed: Parsed, spans: Sequence[Span]) -> list[str]:
    return [parsed.text[span.start : span.end] for span in spans]


def _in_order(old: Sequence[str], new: Sequence[str]) -> bool:
    rest = iter(new)
    return all(text in rest for text in old)


def _elides(change: Change) -> bool:
    """Whether a remark stands for code that was left out."""
    return len(_ELIDED.findall(_remarks(change.after, change.now))) > len(
        _ELIDED.findall(_remarks(change.before, change.span))
    )


def _remarks(parsed: Parsed, span: Span) -> str:
    found = nodes(parsed, span, lambda node: kinds.is_comment(node.type))
    return "\n".join(_texts(parsed, [span_of(node) for node in found if kinds.is_comment(node.type)]))


def _simpler(change: Change) -> Silence | None:
    old, new = change.gists()
    if old.defined - new.defined or old.kept_in(new) < KEPT:
        return Silence.LOSES_CODE
    longer = len(leaves(change.after, change.now)) > len(leaves(change.before, change.span))
    return Silence.NOT_DONE if longer else None


def _only_names(change: Change) -> Silence | None:
    """Names of locals changed, each everywhere, and nothing else."""
    old, new = leaves(change.before, change.span), leaves(change.after, change.now)
    if [kind for kind, _ in old] != [kind for kind, _ in new]:
        return Silence.LOSES_CODE
    renamed: dict[str, str] = {}
    for (kind, one), (_, other) in zip(old, new, strict=True):
        if one != other if kind != "name" else renamed.setdefault(one, other) != other:
            return Silence.LOSES_CODE
    before, after = (gist.names for gist in change.gists())
    # a member may have the name that a local had or has, and only one of both is local to the gist
    members = {text for kind, text in old if kind == "member"}
    if before - members != after - members or len(set(renamed.values())) < len(renamed):
        return Silence.LOSES_CODE
    return None if any(one != other for one, other in renamed.items()) else Silence.NOTHING_TO_CHANGE


def _asynchronous(change: Change) -> Silence | None:
    added = len(_ASYNC.findall(change.new)) > len(_ASYNC.findall(change.old))
    return _keeping(0.8)(change) or (None if added else Silence.NOT_DONE)


def _keeping(least: float) -> Callable[[Change], Silence | None]:
    """All definitions, and at least that share of what else there is."""

    def judge(change: Change) -> Silence | None:
        old, new = change.gists()
        lost = old.defined - new.defined - new.names
        return Silence.LOSES_CODE if lost or old.kept_in(new) < least else None

    return judge


def _test(change: Change) -> Silence | None:
    """It names what is tested, does not define it again, and expects something."""
    old, new = change.gists()
    functions = _functions(change.before, change.span)
    if not re.search(r"assert|expect|should|\bt\.(?:Error|Fatal)|verify|EQ\(", change.new):
        return Silence.NOT_DONE
    if functions and (functions & _functions(change.after, change.now) or not functions & new.names):
        return Silence.NOT_DONE
    return None if old != new else Silence.NOTHING_TO_CHANGE


def _functions(parsed: Parsed, span: Span) -> set[str]:
    """The names of functions that are defined in a part of a text."""
    found = set()
    for node in nodes(parsed, span, lambda _: False):
        name = node.child_by_field_name("name") if node.type in kinds.FUNCTIONS else None
        if name is not None:
            found.add(parsed.text[span_of(name).start : span_of(name).end])
    return found


def _translated(change: Change) -> Silence | None:
    """It parses on its own, and holds most words of what was translated."""
    alone = parse(change.new, change.after.language)
    if alone.root is not None and alone.root.has_error:
        return Silence.BREAKS_SYNTAX
    words = {_plain(word) for word in re.findall(r"[^\W\d]\w{3,}", change.old)}
    new = _plain(change.new)
    kept = sum(word in new for word in words)
    return Silence.LOSES_CODE if kept < 0.4 * len(words) else None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


_TASKS: dict[str, Callable[[Change], Silence | None]] = {
    "simplify": _simpler,
    "rename": _only_names,
    "async": _asynchronous,
    "types": _keeping(0.95),
    "docs": _keeping(0.95),
    "errors": _keeping(0.8),
    "fix": _keeping(KEPT),
    "test": _test,
    "translate": _translated,
}
