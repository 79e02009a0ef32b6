"""Trials over held-out documents, with a model that knows what stood there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import FillRequest, FillResult
from lsp_server.evaluation.suspicion.measure import Plan, trials
from lsp_server.evaluation.suspicion.plant import KINDS

TEXT = """def most{n}(items, count, limit=3):
    best = None
    for item in items:
        if item > count and fits(item, limit):
            best = item + 1
    return best or True
"""


class Knowing:
    """Gains where an alternative brings a line back that one of the documents has."""

    model = adapter = backend = "knowing"
    parallel = 1

    def __init__(self, texts: list[str]) -> None:
        self.lines = {line for text in texts for line in text.split("\n")}

    def fill(self, request: FillRequest, **_: object) -> FillResult:
        judged = tuple(
            tuple(5.0 * self._right(request.text, each.start, each.end, other) for other in each.alternatives)
            for each in request.questions
        )
        return FillResult((), FillFigures(), "knowing", judged=judged)

    def _right(self, text: str, start: int, end: int, other: str) -> bool:
        left, right = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        return text[left:right] not in self.lines and text[left:start] + other + text[end:right] in self.lines

    def close(self) -> None:
        pass


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    path = tmp_path / "held_out-00000.jsonl.gz"
    with gzip.open(path, "wt") as file:
        for n in range(12):
            package = "one" if n % 2 else "two"
            row = {"language": "python", "path": f"a{n}.py", "package": package}
            file.write(json.dumps(row | {"text": TEXT.replace("{n}", str(n))}) + "\n")
    return path


def test_bugs_are_found_by_who_knows(held_out: Path) -> None:
    """Each kind as often as wished, and nothing else is flagged."""
    knowing = Knowing([TEXT.replace("{n}", str(n)) for n in range(12)])
    found = list(trials(Plan(held_out, each=3), knowing))  # type: ignore[arg-type]
    assert [trial.bug for trial in found] == [*KINDS] * 3
    right = [any(seen.right for seen in trial.seen if seen.gain > 1) for trial in found]
    assert sum(right) >= len(found) - 3
    assert not any(seen.where == "clean" and seen.gain > 1 for trial in found for seen in trial.seen)


def test_packages_are_chosen_and_the_seed_decides(held_out: Path) -> None:
    """The same seed gives the same trials."""
    knowing = Knowing([])
    one, two = (list(trials(Plan(held_out, frozenset({"one"}), 2), knowing, lambda: 0.0)) for _ in range(2))  # type: ignore[arg-type]
    assert one == two
    assert {trial.place.split("/")[0] for trial in one} == {"one"}


def test_no_documents(tmp_path: Path) -> None:
    """What is no corpus is said."""
    with pytest.raises(BadInput):
        list(trials(Plan(tmp_path / "none"), Knowing([])))  # type: ignore[arg-type]
