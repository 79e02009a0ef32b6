import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus import build as module
from corpus import summary
from corpus.build import build, parse
from corpus.packages import Package
from corpus.report import CountTokens
from corpus.tokens import estimate
from lib.console import Failed

from lsp_server.training.corpus.documents import HELD_OUT, read_corpus, shards


def code(name: str) -> str:
    return "\n".join(f"{name}_{at} = compute_{at % 7}({name}_{at - 1}, {at})" for at in range(60))


@pytest.fixture
def arguments(
    tmp_path: Path, make: Callable, package: Callable[..., Package], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Two packages that can be fetched and one that cannot, and problems; the command line's arguments."""
    known = {
        "one": {
            "a.py": code("one"),
            "b.py": code("two"),
            "solved.py": code("solved"),
        },
        "out": {"c.py": code("one"), "d.py": code("three")},
    }
    entries = [
        {"registry": "pypi", "name": name, "version": "1", "licence": "MIT", "purpose": "test"} | rest
        for name, rest in {"one": {}, "out": {"held_out": True}, "gone": {}}.items()
    ]
    archives = {name: make(package(name=name), files) for name, files in known.items()}

    def fetched(listed: Package, _work: Path) -> list[Path]:
        if listed.name not in archives:
            raise Failed("no network")
        return archives[listed.name]

    def counter() -> tuple[CountTokens, bool]:
        return estimate, False

    monkeypatch.setattr(module, "fetch", fetched)
    monkeypatch.setattr(summary, "counter", counter)
    (tmp_path / "packages.json").write_text(json.dumps(entries))
    (tmp_path / "problems.jsonl").write_text(json.dumps({"prompt": code("solved"), "canonical_solution": ""}))

    def command(out: str, *more: str) -> list[str]:
        listed = str(tmp_path / "packages.json")
        return [
            str(tmp_path / out),
            "--packages",
            listed,
            "--problems",
            str(tmp_path / "problems.jsonl"),
            *more,
        ]

    return command


def test_same_list_same_files(tmp_path: Path, arguments: Callable[..., list[str]]) -> None:
    """What is held out is not trained on, and a second run writes the same bytes."""
    build(parse(arguments("first", "--partial")))
    build(parse(arguments("second", "--partial")))
    first, second = tmp_path / "first", tmp_path / "second"
    assert {each.path for each in read_corpus(first)} == {"b.py"}
    assert {each.path for each in read_corpus(first, HELD_OUT)} == {"c.py", "d.py"}
    for path in [*shards(first), *shards(first, HELD_OUT), first / "report.json", first / "report.txt"]:
        assert path.read_bytes() == (second / path.name).read_bytes()
    report = json.loads((first / "report.json").read_text())
    assert (report["missing"], report["contaminated"]) == (["gone"], {"one": ["solved.py"]})
    assert set(json.loads((tmp_path / "packages.lock.json").read_text())) == {"pypi-one-1", "pypi-out-1"}


def test_goes_on_where_it_was(tmp_path: Path, arguments: Callable[..., list[str]]) -> None:
    """What was gathered is not gathered again, and shards that are gone are written anew."""
    build(parse(arguments("first", "--partial")))
    before = sorted((tmp_path / "first" / "work" / "documents").iterdir())
    stamps = [path.stat().st_mtime_ns for path in before]
    written = {path.name: path.read_bytes() for path in shards(tmp_path / "first")}
    for path in shards(tmp_path / "first"):
        path.unlink()
    build(parse(arguments("first", "--partial")))
    assert [path.stat().st_mtime_ns for path in before] == stamps
    assert {path.name: path.read_bytes() for path in shards(tmp_path / "first")} == written


def test_missing_packages(tmp_path: Path, arguments: Callable[..., list[str]]) -> None:
    """Without --partial nothing is written while a package is missing."""
    with pytest.raises(Failed, match="1 of 3"):
        build(parse(arguments("first")))
    assert shards(tmp_path / "first") == []


def test_problems_are_needed(arguments: Callable[..., list[str]]) -> None:
    """A corpus that was not checked against benchmarks cannot be made by leaving an option out."""
    with pytest.raises(SystemExit):
        parse(["somewhere"])


def test_other_bytes(tmp_path: Path, arguments: Callable[..., list[str]]) -> None:
    """A package that is not what it was is missing."""
    build(parse(arguments("first", "--partial")))
    lock = tmp_path / "packages.lock.json"
    lock.write_text(lock.read_text().replace('whl": "', 'whl": "0'))
    shutil.rmtree(tmp_path / "first")
    build(parse(arguments("first", "--partial")))
    assert json.loads((tmp_path / "first" / "report.json").read_text())["missing"] == ["gone", "one", "out"]
