"""Pairs from a linter's and upgrader's fixes: ruff, run once for many files."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import BadInput, RemaskError
from lsp_server.core.text import plain_newlines
from lsp_server.core.types import Edit, Span
from lsp_server.training.pairs.check import tree_of
from lsp_server.training.pairs.pair import Pair
from lsp_server.training.pairs.pieces import dedented, line_spans
from lsp_server.training.pairs.rules import GENERAL, WORDS

BATCH = 200
"""Files given to one run of the linter."""
FAMILIES = "UP,SIM,C4,PERF,RET,PIE,PLR,PLC,PLW,B,E,F,FURB,RUF,TRY,G,PT,I"
"""Whole families, since single rules come and go between versions; `WORDS` chooses among them."""
ONE_RULE = 0.6
"""How often only the fixes of one rule are applied where several fit."""
SHARE = 0.5
"""The most of a rule's pairs among all, so that one habit does not crowd out the rest."""
_MOST_OF_A_RULE = 30

_Fix = tuple[str, tuple[Edit, ...]]


class LinterMissing(RemaskError):
    """Ruff is not installed."""


def lint_pairs(texts: Iterable[str], *, seed: int = 0) -> Iterator[Pair]:
    """The pairs that ruff's fixes of whole Python files give, a function or run of statements each.

    Raises:
        LinterMissing: ruff is not installed.
    """
    rng, counts, waiting = random.Random(seed), defaultdict[str, int](int), iter(texts)  # noqa: S311 - not secret
    while batch := [plain_newlines(each) for each in islice(waiting, BATCH)]:
        for text, fixes in zip(batch, _fixes(batch), strict=True):
            for pair in _pairs(text, fixes, rng):
                counts[pair.kind] += 1
                if counts[pair.kind] <= _MOST_OF_A_RULE + SHARE * sum(counts.values()) / 8:
                    yield pair


def _fixes(texts: Sequence[str]) -> list[list[_Fix]]:
    """For each text the fixes found, in the order of the text."""
    with tempfile.TemporaryDirectory() as folder:
        for index, text in enumerate(texts):
            (Path(folder) / f"{index:05}.py").write_text(
                text, encoding="utf-8", errors="replace", newline="\n"
            )
        found = _run(Path(folder))
    fixes: list[list[_Fix]] = [[] for _ in texts]
    for each in found:
        index = int(Path(each["filename"]).stem)
        starts = _line_starts(texts[index])
        if each["fix"] is not None and each["code"] in WORDS:
            edits = tuple(_edit(starts, edit) for edit in each["fix"]["edits"])
            fixes[index].append((each["code"], edits))
    return fixes


def _run(folder: Path) -> list[dict[str, Any]]:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        raise LinterMissing("ruff is not installed", hint="Install it with `pip install ruff`.")
    command = [
        *(ruff, "check", str(folder), "--isolated", "--no-cache", "--exit-zero", "--quiet"),
        *("--output-format", "json", "--target-version", "py311", "--select", FAMILIES),
        # some fixes of stable rules are given with this alone
        *("--preview", "--config", "lint.explicit-preview-rules=true"),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _edit(starts: Sequence[int], edit: dict[str, Any]) -> Edit:
    ends = [starts[at["row"] - 1] + at["column"] - 1 for at in (edit["location"], edit["end_location"])]
    return Edit(Span(ends[0], ends[1]), edit["content"])


def _pairs(text: str, fixes: Sequence[_Fix], rng: random.Random) -> Iterator[Pair]:
    if not fixes or tree_of(text) is None:
        return
    starts = _line_starts(text)
    for first, last in line_spans(text, "python"):
        around = Span(starts[first], min(starts[last], len(text)))
        inside = [each for each in fixes if all(around.contains(edit.span) for edit in each[1])]
        codes = sorted({code for code, _edits in inside})
        if not codes:
            continue
        if len(codes) > 1 and rng.random() < ONE_RULE:
            codes = [rng.choice(codes)]
        chosen = _compatible([edits for code, edits in inside if code in codes])
        before = text[around.start : around.end]
        try:
            after = apply_together(
                before, [Edit(each.span.shifted(-around.start), each.text) for each in chosen]
            )
        except BadInput:
            continue
        words = rng.choice(WORDS[codes[0]] if len(codes) == 1 else GENERAL)
        kind = f"lint:{codes[0] if len(codes) == 1 else 'several'}"
        yield Pair(dedented(before.split("\n")), dedented(after.split("\n")), words, "python", kind)


def _compatible(fixes: Iterable[tuple[Edit, ...]]) -> list[Edit]:
    """The edits of as many fixes as do not touch each other, earlier ones first."""
    taken: list[Edit] = []
    for edits in fixes:
        free = all(
            edit.span.end < other.span.start or edit.span.start > other.span.end
            for edit in edits
            for other in taken
        )
        if free:
            taken += edits
    return taken
