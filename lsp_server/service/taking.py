"""Taking what is there of a rewrite while it is denoised, and what of a fill that ended so may be offered.

Masked diffusion can be stopped between any two steps, and what is committed then never changes (anytime
inference). What is still masked stays as it was: a last guess at all of it at once would be the tokens that
the model is least sure of, each blind to the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from lsp_server.core.diff import minimal_edits
from lsp_server.core.types import Edit
from lsp_server.engine.protocol import HoleFill, Stop
from lsp_server.service.plan import indent_at
from lsp_server.service.postprocess import shorter
from lsp_server.service.prompt import Prompt, Target, unix, with_line_ends
from lsp_server.service.reshape import OPENERS, reshape
from lsp_server.service.written import written_fresh
from lsp_server.syntax.parse import Parsed

AGAIN_S = 0.05
"""Between two times that an engine is told, which may not have got the request yet."""
MOST_PAIRS = 1_000_000
"""Pairs of an old and a new line that are compared at most; beyond, nothing is taken."""

Tell = Callable[[str], Awaitable[bool]]
"""Has the engine end the request of an id with what it has; false if it has none such."""
Fine = Callable[[Sequence[Edit]], bool]
"""Whether edits of a target may be offered."""


class Taking:
    """The user's wish to take what is there, on its way to the engine. Lives on one event loop."""

    def __init__(
        self, tell: Tell | None = None, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self.wanted = False
        self._tell = tell
        self._sleep = sleep
        self._name = ""
        self._telling: asyncio.Task[None] | None = None

    def take(self) -> None:
        """End what is under way with what it has, and ask for nothing more."""
        self.wanted = True
        if self._name and self._telling is None and self._tell is not None:
            self._telling = asyncio.get_running_loop().create_task(self._until_heard(self._tell, self._name))

    @contextmanager
    def under_way(self) -> Iterator[str]:
        """A name for a request that ends if the wish comes inside this context."""
        self._name = uuid.uuid4().hex
        try:
            yield self._name
        finally:
            self._name = ""
            if self._telling is not None:
                self._telling.cancel()
                self._telling = None

    async def _until_heard(self, tell: Tell, name: str) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while not await tell(name):
                await self._sleep(AGAIN_S)


def cut_short(fill: HoleFill) -> bool:
    """Whether a fill has no end of its own."""
    return fill.stop in {Stop.BUDGET, Stop.LENGTH}


def taken_fresh(
    parsed: Parsed, prompt: Prompt, index: int, target: Target, fill: HoleFill, fine: Fine
) -> tuple[Edit, ...]:
    """The edit that puts as much of a fill as may be offered in the place of a body or a marker."""
    for text in (fill.text, *shorter(fill.text)):
        if cut_short(fill) and text.rstrip().endswith(OPENERS):
            continue
        edits = written_fresh(parsed, prompt, index, target, HoleFill(text, Stop.END))
        if edits and fine(edits):
            return edits
    return ()


def taken_anew(
    parsed: Parsed, prompt: Prompt, target: Target, fill: HoleFill, fine: Fine
) -> tuple[Edit, ...]:
    """The line edits that turn a selection into its rewrite as far as that is written.

    Where the whole lines that are there end, the selection goes on behind what they are the rewrite of. Of
    the edits those are taken that may be offered with the ones before them.
    """
    start = target.span.start
    original = parsed.text[start : target.span.end]
    old = unix(original)
    text = fill.text
    if cut_short(fill):
        # what was cut at the budget has whole lines, or a single one that may be none
        text = text.rpartition("\n")[0] if fill.stop is Stop.LENGTH or "\n" not in text else text
    if not text.strip():
        return ()
    first = start + len(original) - len(original.lstrip())
    written = reshape(old, text, indent_at(parsed.text, first))
    if cut_short(fill):
        written = continued(old, written)
    taken: tuple[Edit, ...] = ()
    for edit in minimal_edits(original, with_line_ends(written, crlf=prompt.crlf), at=start):
        if fine((*taken, edit)):
            taken = (*taken, edit)
    return taken


def continued(old: str, new: str) -> str:
    """The lines of `new`, then those of `old` behind the ones that they are the rewrite of.

    These are the beginning of `old` with the least edit distance (Levenshtein) to `new`, by the words of
    lines; of several the longest.
    """
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(before) * len(after) > MOST_PAIRS:
        return old
    words = [_words(line) for line in before]
    row = [float(count) for count in range(len(before) + 1)]
    for number, line in enumerate(after, 1):
        mine, above, row = _words(line), row, [float(number)]
        for at, theirs in enumerate(words):
            changed = above[at] + _distance(mine, theirs)
            row.append(min(changed, above[at + 1] + 1, row[at] + 1))
    best = min(range(len(row)), key=lambda count: (row[count], -count))
    rest = before[best:]
    if rest and after and not after[-1].endswith("\n"):
        after[-1] += "\n"
    return "".join((*after, *rest))


def _words(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+|[^\w\s]", line))


def _distance(one: frozenset[str], other: frozenset[str]) -> float:
    """1 - Jaccard index; lines without words are alike."""
    return 1 - len(one & other) / len(one | other) if one or other else 0.0
