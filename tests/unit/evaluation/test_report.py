"""Tables and JSON."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from lsp_server.evaluation.report import BEGIN, END, as_json, as_table, markdown, replaced
from lsp_server.evaluation.scores import Score

SCORE = Score(
    n=12,
    exact_match=0.5,
    pass_at_1=0.75,
    tpf=1.25,
    forwards=6.0,
    parse_rate=1.0,
    seconds=0.25,
    edit_similarity=0.9,
    chrf=0.8,
    tokens=7.5,
    any_exact=0.5,
)
SCORES = {"single-line": {"left-to-right": SCORE, "verified": SCORE}, "held-out go": {"verified": SCORE}}


def test_json_has_the_figures_by_benchmark_and_decode() -> None:
    """The keys that others read."""
    content = json.loads(as_json(SCORES, {"model": "m"}))
    assert content["about"] == {"model": "m"}
    figures = content["results"]["single-line"]["verified"]
    assert {"n", "exact_match", "pass_at_1", "tpf", "forwards", "parse_rate", "seconds"} < figures.keys()
    assert (figures["n"], figures["pass_at_1"]) == (12, 0.75)


def test_the_terminal_table_has_a_row_for_each() -> None:
    """A dash stands where nothing was measured."""
    untested = {"held-out go": {"verified": Score(**{**_fields(SCORE), "pass_at_1": None})}}  # type: ignore[arg-type]
    out = io.StringIO()
    Console(file=out, width=130).print(as_table({**SCORES, **untested}))
    lines = [line.split() for line in out.getvalue().splitlines() if line.strip()]
    assert lines[1][:5] == ["single-line", "12", "left-to-right", "0.750", "0.500"]
    assert lines[3][:5] == ["held-out", "go", "12", "verified", "-"]


def test_published_figures_stand_beside_single_line_only() -> None:
    """Each row says whether it was measured or published."""
    lines = [line for line in markdown(SCORES, command="remask eval").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert {len(row) for row in cells} == {len(lines[0].strip("|").split("|"))}
    published = [row for row in cells if row[-1].startswith("published")]
    assert [(row[0], row[3]) for row in published] == [
        ("single-line", "0.742"),
        ("single-line", "0.325"),
        ("single-line", "0.908"),
    ]
    assert [row[-1] for row in cells].count("measured") == 3


def test_the_table_replaces_the_one_before_it() -> None:
    """Everything else of the document stays, however often."""
    table = markdown(SCORES, command="remask eval --limit 5")
    document = f"# Title\n\n{BEGIN}\nold\n{END}\n\nmore\n"
    once = replaced(document, table)
    assert once == f"# Title\n\n{table}\nmore\n"
    assert replaced(once, table) == once


@pytest.mark.parametrize("document", ["", BEGIN, END, f"{END}\n{BEGIN}\n"])
def test_a_document_without_markers_is_refused(document: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="there is no"):
        replaced(document, "table")


def _fields(score: Score) -> dict[str, object]:
    return {name: getattr(score, name) for name in Score.__struct_fields__}
