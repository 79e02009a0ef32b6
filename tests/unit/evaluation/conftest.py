"""Two small problems and a filler whose fills are given."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lsp_server.core.cancel import CancelToken
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import Candidate, FillRequest, FillResult, HoleFill, Piece, Stop
from lsp_server.engine.runtime.filler import OnFrame
from lsp_server.evaluation.problems import Problem

HEAD = "def add(first, second):\n"
TEST = "def check(candidate):\n    assert candidate(1, 2) == 3\n"
ANSWER = "    return first + second"


def row(**changed: str) -> dict[str, str]:
    return {
        "task_id": "SingleLineInfilling/X/0/L1",
        "prompt": HEAD,
        "suffix": "\nprint(add(1, 2))\n",
        "canonical_solution": ANSWER + "\n",
        "test": TEST,
        "entry_point": "add",
        **changed,
    }


def written(path: Path, *rows: Mapping[str, object]) -> Path:
    text = "".join(json.dumps(each) + "\n" for each in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def problem(**changed: object) -> Problem:
    given: dict[str, object] = {
        "name": "p",
        "prefix": HEAD,
        "suffix": "\nprint(add(1, 2))\n",
        "answer": ANSWER,
        "benchmark": "single-line",
        "whole_lines": True,
        "test": TEST,
        "entry_point": "add",
    }
    return Problem(**{**given, **changed})  # type: ignore[arg-type]


class GivenFiller:
    """Answers every request with the next of the candidates given: pairs of text and confidence."""

    model, adapter, backend = "given", "", "none"

    def __init__(self, *answers: list[tuple[str, float]]) -> None:
        self.requests: list[FillRequest] = []
        self._answers = itertools.cycle(answers)

    def fill(
        self,
        request: FillRequest,
        *,
        cancel: CancelToken,
        deadline: float | None = None,
        on_frame: OnFrame | None = None,
    ) -> FillResult:
        self.requests.append(request)
        candidates = tuple(
            Candidate((HoleFill(text, Stop.END, (Piece(text, sure),)),), sure)
            for text, sure in next(self._answers)
        )
        return FillResult(candidates, FillFigures(3, len(candidates), 1.0, 0, 0), "given")

    def close(self) -> None: ...


@pytest.fixture
def given() -> Callable[..., GivenFiller]:
    """Makes a filler."""
    return GivenFiller
