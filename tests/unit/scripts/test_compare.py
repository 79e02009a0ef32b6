"""The interleaved run and its figures, on sides that only keep a record."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from benchmark.compare import Record, compare
from benchmark.figures import by_side, percentile, same_text, summarise, unfair
from benchmark.problems import Problem
from benchmark.report import Results, report
from benchmark.sides import Ask, Fill
from benchmark.tables import show
from rich.console import Console

PROBLEMS = [Problem(f"p{number}", "before\n", "after\n", "    value = 1") for number in range(3)]


def _fill(**changes: object) -> Fill:
    values: dict[str, object] = {
        "text": "    value = 1", "ms": 10.0, "tokens": 4, "forwards": 2, "context": 100, "cached": 0,
    }  # fmt: skip
    return Fill(**(values | changes))  # type: ignore[arg-type]


@dataclass
class _Side:
    name: str
    log: list[str]
    ms: float = 10.0
    forgotten: bool = field(default=False, init=False)

    def fill(self, ask: Ask) -> Fill:
        assert ask.suffix == "after\n"
        self.log.append(f"{self.name} {ask.prefix[7:]}".strip())
        cached, self.forgotten = 0 if self.forgotten else 90, False
        return _fill(ms=self.ms, cached=cached)

    def forget(self) -> None:
        self.forgotten = True

    def cpu_seconds(self) -> float:
        return 0.5 * len(self.log)

    def close(self) -> None:
        pass


def _run(log: list[str], *, steps: int = 2) -> list[Record]:
    sides = [_Side("remask", log), _Side("llama_cpp", log, 40.0)]
    return compare(PROBLEMS, sides, keystrokes=3, steps=steps, settle=lambda: None)


def test_sides_take_turns_in_going_first() -> None:
    """Hole by hole, each side does its cold fill and its warm ones; who begins alternates."""
    log: list[str] = []
    _run(log)
    turn = ["{}", "{}     val", "{}     value "]
    one, two = ([line.format(name).strip() for line in turn] for name in ("remask", "llama_cpp"))
    assert log == [*one, *two, *two, *one, *one, *two]


def test_only_cold_fills_begin_with_nothing_cached() -> None:
    """A side forgets before a cold fill and before no other."""
    records = _run([])
    assert {(record.case, record.fill.cached) for record in records} == {("cold", 0), ("warm", 90)}
    assert unfair(records) == []


def test_report_has_the_agreed_figures() -> None:
    """A ratio is Remask's median over llama.cpp's; exact match and forwards are those of cold fills."""
    content = report(Results(_run([]), about={"holes": 3}))
    assert content["cold_ratio"] == content["warm_ratio"] == pytest.approx(0.25)
    assert content["exact_match"] == {"remask": 1.0, "llama_cpp": 1.0}
    assert content["forwards_per_fill"] == 2
    assert content["holes"] == 3


def test_report_without_warm_fills() -> None:
    """With cold fills only there is no warm ratio, in the report or in the table."""
    records = _run([], steps=0)
    assert "warm_ratio" not in report(Results(records))
    console = Console(record=True, width=110, quiet=True)
    with console.capture() as printed:
        show(Results(records), console)
    assert "warm" not in printed.get()


def test_summary_counts_tokens_over_all_forwards() -> None:
    """Tokens per forward is a ratio of sums: long fills weigh more, and none divides by nothing."""
    records = [
        Record("a", "cold", PROBLEMS[0], _fill(ms=10.0, tokens=9, forwards=1)),
        Record("a", "cold", PROBLEMS[0], _fill(ms=30.0, tokens=1, forwards=4, text="value = 2")),
    ]
    summary = summarise(records)
    assert (summary.median_ms, summary.exact_match, summary.tokens_per_forward) == (20.0, 0.5, 2.0)
    assert summarise([Record("a", "cold", PROBLEMS[0], _fill(forwards=0))]).tokens_per_forward == 0.0


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([7.0], 90, 7.0), ([1.0, 2.0, 3.0], 50, 2.0), ([float(n) for n in range(11)], 90, 9.0)],
)
def test_percentile(values: list[float], percent: int, expected: float) -> None:
    """Linear between neighbours, and defined for a single value."""
    assert percentile(values, percent) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [({"cached": 50}, "1 cold fills found"), ({"context": 101}, "1 holes had contexts of different lengths")],
)
def test_unfair_runs_are_reported(changes: dict[str, int], complaint: str) -> None:
    """A cold fill that was not cold, or a context that differs between sides, is said."""
    records = [
        Record("a", "cold", PROBLEMS[0], _fill()),
        Record("b", "cold", PROBLEMS[0], _fill(**changes)),
    ]
    assert [line for line in unfair(records) if line.startswith(complaint)]


def test_sides_are_summarised_apart() -> None:
    """Each case holds the sides that took part in it."""
    records = [
        Record("a", "cold", PROBLEMS[0], _fill(ms=1.0)),
        Record("b", "cold", PROBLEMS[0], _fill(ms=2.0)),
        Record("a", "warm", PROBLEMS[0], _fill(ms=3.0)),
    ]
    assert {side: found.median_ms for side, found in by_side(records, "cold").items()} == {"a": 1.0, "b": 2.0}
    assert list(by_side(records, "warm")) == ["a"]


def test_processor_time_is_that_of_the_fill() -> None:
    """For each character of the right start, over all fills; none right, none to divide by."""
    records = [record for record in _run([], steps=0) if record.side == "remask"]
    assert [record.cpu_s for record in records] == [0.5] * 3
    assert summarise(records).right_characters == len("value = 1")
    assert summarise(records).cpu_s_per_character == pytest.approx(0.5 / len("value = 1"))
    wrong = Record("a", "cold", PROBLEMS[0], _fill(text="x"), 1.0)
    assert summarise([wrong]).cpu_s_per_character is None


def test_the_same_text_is_the_same_work() -> None:
    """Only holes that all sides filled alike, and of those every fill."""
    records = [
        Record("a", "cold", PROBLEMS[0], _fill()),
        Record("b", "cold", PROBLEMS[0], _fill()),
        Record("a", "cold", PROBLEMS[1], _fill()),
        Record("b", "cold", PROBLEMS[1], _fill(text="y")),
        Record("c", "cold", PROBLEMS[0], _fill(text="z")),
    ]
    assert same_text(records, "cold", ("a", "b")) == records[:2]
