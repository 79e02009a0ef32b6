"""The command lines of the scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmark import bench, measure
from benchmark.environment import missing
from benchmark.options import problems_of


def test_defaults_stand_alone() -> None:
    """Without options there are holes to fill: nothing but the project is needed."""
    options = bench.parse(["--holes", "3"])
    assert len(problems_of(options)) == 3
    assert options.json is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["--holes", "0"],
        ["--holes", "many"],
        ["--threads", "-1"],
        ["--decode", "magic"],
        ["--only", "cold,magic"],
    ],
)
def test_nonsense_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong value ends the script with the option's name, before anything is set up."""
    with pytest.raises(SystemExit):
        bench.parse(arguments)
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_a_file_without_holes_ends_the_script(tmp_path: Path, content: str | None) -> None:
    """Absent, empty or of another format: the message names the file."""
    path = tmp_path / "problems.jsonl"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"problems\.jsonl"):
        problems_of(measure.parse(["--problems", str(path)]))


def test_missing_modules_are_found_without_importing() -> None:
    """Only what cannot be imported here is named."""
    assert missing(("json", "surely_not_installed")) == ["surely_not_installed"]


@pytest.mark.parametrize(
    ("text", "parts"), [("roofline,cold", ["cold", "roofline"]), ("", []), ("typing", ["typing"])]
)
def test_parts_are_chosen_by_name(text: str, parts: list[str]) -> None:
    """In the order in which they are measured; none for `--scaling` alone."""
    assert bench.parse(["--only", text]).only == parts


def test_all_parts_by_default() -> None:
    """But not how cost grows, which takes long."""
    options = bench.parse([])
    assert options.only == list(bench.PARTS)
    assert not options.scaling
