"""How near a fill is to the answer, without running anything."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Edit, Span
from lsp_server.evaluation.problems import Problem
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import Parsed, parse

NEEDS = "Install them with `pip install 'remask[eval]'`."


def exact(problem: Problem, fill: str) -> bool:
    """Whether the fill is the answer, blanks around both aside."""
    return problem.wanted(fill).strip() == problem.answer.strip()


def edit_similarity(fill: str, answer: str) -> float:
    """In [0, 1], blanks around both aside.

    1 less the insertions and deletions for each character of both, as in CodeXGLUE (arXiv 2102.04664).
    """
    from rapidfuzz import fuzz

    return fuzz.ratio(fill.strip(), answer.strip()) / 100


def chrf(fills: Sequence[str], answers: Sequence[str]) -> float:
    """The chrF of all fills together, in [0, 1] (Popović 2015: 6-grams of characters, beta 2)."""
    from sacrebleu.metrics.chrf import CHRF

    if not fills:
        return 0.0
    return float(CHRF().corpus_score(list(fills), [list(answers)]).score) / 100


def parses(problem: Problem, fill: str) -> bool:
    """Whether the file with the fill parses no worse than without; Python must also compile if it can."""
    text, at = problem.inserted(fill), len(problem.prefix)
    before = parse(problem.prefix + problem.suffix, language_for(problem.language))
    if check_edits(before, [Edit(Span(at, at), text)]).worse:
        return False
    if problem.language != "python":
        return True
    answered = problem.prefix + problem.inserted(problem.answer) + problem.suffix
    return _compiles(problem.prefix + text + problem.suffix) or not _compiles(answered)


def breaks(problem: Problem, fill: str) -> bool:
    """Whether the server would see the fill break the syntax; it has no answer to compile with."""
    return check_edits(*as_edited(problem, fill)).worse


def as_edited(problem: Problem, fill: str) -> tuple[Parsed, tuple[Edit]]:
    """What the server would have: the file with the hole, and the edit that fills it.

    A hole of whole lines is a blank line in the editor.
    """
    at = len(problem.prefix)
    text = problem.prefix + ("\n" if problem.whole_lines else "") + problem.suffix
    return parse(text, language_for(problem.language)), (Edit(Span(at, at), _without_break(problem, fill)),)


def _without_break(problem: Problem, fill: str) -> str:
    text = problem.wanted(fill)
    return text.removesuffix("\n") if problem.whole_lines else text


def need_libraries() -> None:
    """Raise `BadInput` unless the libraries of the optional part `eval` are installed."""
    try:
        import rapidfuzz
        import sacrebleu  # noqa: F401
    except ImportError as missing:
        raise BadInput(f"evaluation needs {missing.name}", hint=NEEDS) from missing
    del rapidfuzz


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in somebody else's strings
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
