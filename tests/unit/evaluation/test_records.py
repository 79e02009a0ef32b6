"""Records on disk: complete, resumable, and refused when they are something else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.engine.protocol import Sampling
from lsp_server.evaluation.filling import Filled, request_for
from lsp_server.evaluation.records import Record, Records, key_of
from lsp_server.evaluation.sandbox import Outcome
from lsp_server.evaluation.ways import parse_way

from .conftest import problem

WAY = parse_way("verified", count=1)
FILLED = Filled("x ü\n", (0.5, 0.25), 2, 3, 0.5)


def record(key: str = "k") -> Record:
    return Record.of(key, problem(), WAY, FILLED, Outcome.PASSED)


def test_records_come_back(tmp_path: Path) -> None:
    """What was added is there the next time, the newest of a key last."""
    path = tmp_path / "r.jsonl"
    with Records(path) as records:
        records.add(record())
        records.add(replace_text(record("l"), "old"))
        records.add(replace_text(record("l"), "new"))
    with Records(path) as records:
        assert records.get("k") == record()
        last = records.get("l")
        assert last is not None
        assert last.text == "new"
        assert records.get("m") is None


def replace_text(given: Record, text: str) -> Record:
    return Record.of(given.key, problem(), WAY, replace(FILLED, text=text), None)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_torn_last_line_is_dropped(tmp_path: Path, cut: int) -> None:
    """An evaluation that was killed while writing goes on with what is whole."""
    path = tmp_path / "r.jsonl"
    with Records(path) as records:
        records.add(record("k"))
        records.add(record("l"))
    path.write_bytes(path.read_bytes()[:-cut])
    with Records(path) as records:
        assert (records.get("k"), records.get("l")) == (record("k"), None)
        records.add(record("l"))
    with Records(path) as records:
        assert records.get("l") == record("l")


@pytest.mark.parametrize("content", [b"# notes\n", b'{"key": 1}\n', b"\xff\n", b"[]\n"])
def test_other_files_are_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """Somebody's notes are not overwritten."""
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="cannot keep records"):
        Records(path)
    assert path.read_bytes() == content


def test_a_file_that_has_no_whole_line_is_left_alone(tmp_path: Path) -> None:
    """Text without a line break was not written by an evaluation."""
    path = tmp_path / "notes"
    path.write_bytes(b"notes")
    with pytest.raises(BadInput):
        Records(path)
    assert path.read_bytes() == b"notes"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """With a message, not a traceback."""
    with pytest.raises(BadInput):
        Records(tmp_path)


def test_without_a_file_they_are_kept_in_memory() -> None:
    """For a short evaluation."""
    with Records() as records:
        records.add(record())
        assert records.get("k") == record()


def test_a_key_names_all_that_a_fill_depends_on() -> None:
    """Weights, way, text and limits; not the answer."""
    request = request_for(problem(), Sampling())
    key = key_of(request, WAY, "m")
    others = [
        key_of(request, WAY, "other"),
        key_of(request, parse_way("verified+repair", count=1), "m"),
        key_of(request_for(problem(max_tokens=7), Sampling()), WAY, "m"),
        key_of(request_for(problem(suffix="z"), Sampling()), WAY, "m"),
    ]
    assert len({key, *others}) == 5
    assert key_of(request_for(problem(answer="z"), Sampling()), WAY, "m") == key
