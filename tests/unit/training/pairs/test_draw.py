"""Drawing among the ways of making pairs."""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from lsp_server.training.pairs import __main__ as command
from lsp_server.training.pairs.check import sound
from lsp_server.training.pairs.draw import MOST_OF_A_PIECE, WAYS, make_pair, pairs_of, prepare
from lsp_server.training.pairs.pair import Pair, read_pairs, write_pairs

PYTHON = "".join(
    f'''
def total_{name}(values, limit=None):
    """Return the total of all the values."""
    total = {number}
    for index, value in enumerate(values):
        if limit is not None and index > limit:
            raise ValueError(f"too many: {{index}}")
        total += value
    return total
'''
    for number, name in enumerate(("cost", "size", "time", "mass"))
)
SCRIPT = (
    "/** Gives the total of all values. */\nfunction total(values) {\n  const all = values.map(x => x + 1);\n"
    "  return `${all}`;\n}\n"
)


@dataclass(frozen=True)
class Text:
    text: str
    language: str


DOCUMENTS = [
    Text(PYTHON, "python"),
    Text(SCRIPT, "javascript"),
    Text("some words", "plaintext"),
    Text("", "go"),
]


def test_prepare_gives_sound_pairs_of_several_kinds() -> None:
    """Documents give pairs of many kinds, and every one is sound."""
    made = list(prepare(DOCUMENTS, lint=False))
    assert len({pair.kind for pair in made}) > 5
    assert {pair.language for pair in made} == {"python", "javascript"}
    assert all(sound(pair) for pair in made)


def test_prepare_is_deterministic() -> None:
    """The same documents and seed give the same pairs, another seed others."""
    assert list(prepare(DOCUMENTS, seed=1)) == list(prepare(DOCUMENTS, seed=1))
    assert list(prepare(DOCUMENTS, seed=1, lint=False)) != list(prepare(DOCUMENTS, seed=2, lint=False))


def test_prepare_stops_at_its_limit() -> None:
    """No more pairs than asked for, and equal pieces give pairs once."""
    assert len(list(prepare(DOCUMENTS, limit=3, lint=False))) == 3
    once, twice = (len(list(prepare(DOCUMENTS * times, lint=False))) for times in (1, 2))
    assert once == twice


def test_what_is_behind_its_share_comes_first() -> None:
    """A way that has made many pairs waits for the others."""
    piece = 'def f(value: int) -> str:\n    return f"{value}"'
    counts = Counter({way.name: 1000 for way in WAYS if way.name not in {"types", "f-string"}})
    made = list(pairs_of(piece, "python", random.Random(0), counts))
    assert len(made) == MOST_OF_A_PIECE
    assert {way.name for way, _pair in made} == {"types", "f-string"}
    assert {pair.kind.split("-")[0] for _way, pair in made} == {"types", "f"}


def test_no_document_gives_more_than_its_share() -> None:
    """What one document gives is bounded, whatever its size."""
    assert len(list(prepare(DOCUMENTS[:1], each=3, lint=False))) == 3


def test_make_pair() -> None:
    """One pair of a document by its seed; none where there is no code."""
    pair = make_pair(PYTHON, "python", random.Random(4))
    assert pair == make_pair(PYTHON, "python", random.Random(4))
    assert pair is not None
    assert sound(pair)
    assert make_pair("words", "plaintext", random.Random(0)) is None


def test_shards(tmp_path: Path) -> None:
    """Pairs are read as they were written, and the same pairs give the same bytes."""
    pairs = [Pair("a\n", "b é 😀", "Do", "python", "k")]
    assert write_pairs(tmp_path / "in" / "one.gz", pairs) == 1
    write_pairs(tmp_path / "two.gz", pairs)
    assert list(read_pairs(tmp_path / "in" / "one.gz")) == pairs
    assert (tmp_path / "in" / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command makes a shard of pairs from a shard of a corpus and counts the kinds."""
    import gzip
    import json

    with gzip.open(tmp_path / "train.gz", "wt", encoding="utf-8") as shard:
        for each in DOCUMENTS:
            shard.write(json.dumps({"text": each.text, "language": each.language, "path": "x"}) + "\n")
    out = tmp_path / "pairs.gz"
    assert command.main([str(out), str(tmp_path / "train.gz"), "--limit", "4", "--no-lint"]) == 0
    assert len(list(read_pairs(out))) == 4
    assert "4  pairs in" in capsys.readouterr().out


def test_command_without_shards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no shard is named, with what was wanted."""
    (tmp_path / "words.txt").write_text("no shard")
    assert command.main([str(tmp_path / "pairs.gz"), str(tmp_path / "words.txt")]) == 1
    said = capsys.readouterr().err
    assert "words.txt" in said
    assert "build_corpus" in said
