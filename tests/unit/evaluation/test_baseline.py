"""What is let pass, and what is not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lsp_server.core.errors import BadInput
from lsp_server.evaluation.baseline import Baseline, complaints, read_baseline
from lsp_server.evaluation.report import as_json
from lsp_server.evaluation.scores import Score

KEPT = Score(
    n=10,
    exact_match=0.5,
    pass_at_1=0.7,
    tpf=1.0,
    forwards=10.0,
    parse_rate=1.0,
    seconds=0.5,
    edit_similarity=0.8,
    chrf=0.8,
    tokens=8.0,
    any_exact=0.5,
)
BASELINE = Baseline({}, {"single-line": {"verified": KEPT}})


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        ({}, None),
        ({"exact_match": 0.3, "pass_at_1": 0.5, "parse_rate": 0.8}, None),
        ({"exact_match": 1.0, "tpf": 9.0, "forwards": 1.0}, None),
        ({"seconds": 99.0}, None),
        ({"exact_match": 0.2}, "exact_match"),
        ({"pass_at_1": 0.4}, "pass_at_1"),
        ({"pass_at_1": None}, "pass_at_1"),
        ({"parse_rate": 0.7}, "parse_rate"),
        ({"edit_similarity": 0.7}, "edit_similarity"),
        ({"chrf": 0.7}, "chrf"),
        ({"tpf": 0.8}, "tpf"),
        ({"forwards": 12.0}, "forwards"),
        ({"n": 9}, "9 holes instead of 10"),
    ],
)
def test_tolerances(changed: dict[str, float | None], about: str | None) -> None:
    """Worse by more than is stated is told; better, slower or a little worse is not."""
    found = complaints(BASELINE, {"single-line": {"verified": msgspec.structs.replace(KEPT, **changed)}})
    assert len(found) == (about is not None)
    assert about is None or about in found[0]


@pytest.mark.parametrize("scores", [{}, {"single-line": {}}, {"single-line": {"entropy:0.1": KEPT}}])
def test_a_missing_row_is_a_complaint(scores: dict[str, dict[str, Score]]) -> None:
    """What is not measured cannot be as good."""
    assert complaints(BASELINE, scores) == ["single-line, verified: not measured"]


def test_what_eval_writes_is_a_baseline(tmp_path: Path) -> None:
    """There is one format."""
    path = tmp_path / "b.json"
    path.write_bytes(as_json(BASELINE.results, {"model": "m"}))
    assert read_baseline(path) == Baseline({"model": "m"}, BASELINE.results)


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"about": {}, "results": {"a": {"b": {}}}}'])
def test_other_files_are_refused(tmp_path: Path, content: bytes | None) -> None:
    """With a hint."""
    path = tmp_path / "b.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput):
        read_baseline(path)
