import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.errors import BadInput
from lsp_server.training.corpus import documents
from lsp_server.training.corpus.documents import (
    HELD_OUT,
    CorpusDocument,
    read_corpus,
    read_documents,
    shards,
    write_documents,
    write_shards,
)

ONE = CorpusDocument("x = 1\n", "python", "a/one.py", "thing", "MIT")
TWO = CorpusDocument("let ä = '🦀';\r\n", "rust", "two.rs", "other", "Apache-2.0")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Documents come back as they were, from the folder and from one file."""
    (shard,) = write_shards([ONE, TWO], tmp_path, "train")
    assert list(read_corpus(tmp_path)) == list(read_corpus(shard)) == [ONE, TWO]


@given(st.text())
def test_any_text_survives(text: str) -> None:
    """Line separators, NUL and what else a string may hold are no end of a line in the file."""
    line = documents._line(CorpusDocument(text, "python", "p"))
    assert line.count(b"\n") == 1
    assert documents._document(line).text == text


def test_same_documents_same_bytes(tmp_path: Path) -> None:
    """Neither the file's name nor the time is in the bytes."""
    write_documents([ONE, TWO], tmp_path / "first.jsonl.gz")
    write_documents([ONE, TWO], tmp_path / "second.jsonl.gz")
    first, second = ((tmp_path / f"{name}.jsonl.gz").read_bytes() for name in ("first", "second"))
    assert first == second
    assert first[4:8] == bytes(4)


def test_shards_are_cut_by_size_and_stale_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shard ends when it is large enough, and a shorter corpus leaves no shard of a longer one behind."""
    monkeypatch.setattr(documents, "SHARD_CHARS", 10)
    held_out = write_shards([ONE], tmp_path, HELD_OUT)
    assert [path.name for path in write_shards([ONE, TWO, ONE], tmp_path, "train")] == [
        "train-00000.jsonl.gz",
        "train-00001.jsonl.gz",
    ]
    assert list(read_corpus(tmp_path)) == [ONE, TWO, ONE]
    write_shards([TWO], tmp_path, "train")
    assert len(shards(tmp_path)) == 1
    assert shards(tmp_path, HELD_OUT) == held_out


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip",
        gzip.compress(b"no json\n", mtime=0),
        gzip.compress(b"[1]\n", mtime=0),
        gzip.compress(b'{"text": "x"}\n', mtime=0),
        gzip.compress(b'{"text": 1, "language": "python", "path": "p"}\n', mtime=0),
        gzip.compress(b'{"text": "x", "language": "python", "path": "p"}\n' * 99, mtime=0)[:-9],
    ],
)
def test_something_else_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    """A file that is damaged or holds something else is an error that names it."""
    path = tmp_path / "train-00000.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="train-00000"):
        list(read_documents(path))


def test_nothing_there(tmp_path: Path) -> None:
    """An empty folder is an error with a hint where documents come from."""
    with pytest.raises(BadInput, match="build_corpus"):
        list(read_corpus(tmp_path))


def test_package_and_licence_may_lack(tmp_path: Path) -> None:
    """Hand-made documents need a text, a language and a path only."""
    path = tmp_path / "own.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "x", "language": "python", "path": "p"}\n'))
    assert list(read_corpus(path)) == [CorpusDocument("x", "python", "p")]
