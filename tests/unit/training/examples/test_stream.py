"""The stream is endless, mixed, and the same whoever reads it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.training.examples import mix
from lsp_server.training.examples.page import Source
from lsp_server.training.examples.stream import HOLES, SPREAD, ExampleStream, StreamSettings

SETTINGS = StreamSettings(max_middle=400)


@dataclass(frozen=True)
class _File:
    text: str
    language: str = "python"
    path: str = "a.py"
    package: str = "a"


@dataclass(frozen=True)
class _Pair:
    before: str = "x = x + 1"
    after: str = "x += 1"
    instruction: str = "Simplify"
    language: str = "python"
    kind: str = "toy"


def test_any_order_gives_the_same(files: Sequence[Source], family: FimFamily) -> None:
    """Example number n does not depend on what was asked before, so runs resume and ranks share the work."""
    whole = ExampleStream(files, family, SETTINGS, 7)
    expected = [whole.at(index) for index in range(SPREAD * 2)]
    for rank in range(3):
        own = ExampleStream(files, family, SETTINGS, 7)
        assert [own.at(index) for index in range(rank, SPREAD * 2, 3)] == expected[rank::3]
    back = ExampleStream(files, family, SETTINGS, 7)
    assert [back.at(index) for index in reversed(range(SPREAD * 2))] == expected[::-1]


def test_seeds_differ(files: Sequence[Source], family: FimFamily) -> None:
    """Another seed gives other examples."""
    one, other = (ExampleStream(files, family, SETTINGS, seed) for seed in (1, 2))
    assert [one.at(index) for index in range(20)] != [other.at(index) for index in range(20)]


def test_every_kind_and_language(files: Sequence[Source], family: FimFamily) -> None:
    """A stretch of the stream holds every kind of hole, closed and open, and every language."""
    stream = ExampleStream(files, family, SETTINGS, 0)
    examples = [each for index in range(600) if (each := stream.at(index))]
    kinds = {each.kind for each in examples}
    assert kinds >= set(mix.KINDS)
    assert kinds & {f"{kind}, open" for kind in mix.OPEN_ENDED}
    assert {each.language for each in examples} == {"python", "typescript", "go"}
    assert any(family.file_sep in each.context for each in examples)


def test_open_ended_has_no_suffix(files: Sequence[Source], family: FimFamily) -> None:
    """A hole at the end of an unfinished file has nothing behind it."""
    stream = ExampleStream(files, family, SETTINGS, 0)
    found = [each for index in range(300) if (each := stream.at(index)) and each.kind.endswith(", open")]
    assert found
    assert all(each.context[-1] == family.suffix for each in found)


def test_some_lines_come_with_their_break(files: Sequence[Source], family: FimFamily) -> None:
    """Whole lines are also cut out with the line break behind them; others never are."""
    stream = ExampleStream(files, family, SETTINGS, 0)
    examples = [each for index in range(300) if (each := stream.at(index)) and each.kind != "random span"]
    broken = {each.kind for each in examples if family.vocabulary.decode(each.middle).endswith("\n")}
    assert broken
    assert broken <= mix.WHOLE_LINES
    assert any(each.kind == "line" and each.kind in broken for each in examples)


def test_a_document_serves_several_examples(family: FimFamily) -> None:
    """Examples in a row are from different documents, which come back until they have served their holes."""
    files = [_File(f"x = {number}", path=str(number)) for number in range(5000)]
    stream = ExampleStream(
        files, family, StreamSettings(pair_share=1, snippet_share=0), 0, lambda _, file: _Pair(kind=file.path)
    )
    kinds = [each.kind for index in range(SPREAD * (HOLES + 1)) if (each := stream.at(index))]
    rounds = [kinds[start : start + SPREAD] for start in range(0, len(kinds), SPREAD)]
    assert len(set(rounds[0])) > 0.9 * SPREAD
    assert rounds[:HOLES] == [rounds[0]] * HOLES
    assert len(set(rounds[0]) & set(rounds[HOLES])) < SPREAD // 8


def test_middles_are_bounded(files: Sequence[Source], family: FimFamily) -> None:
    """No middle is empty or has more tokens than asked for."""
    stream = ExampleStream(files, family, StreamSettings(max_middle=12), 0)
    lengths = {len(each.middle) for index in range(200) if (each := stream.at(index))}
    assert min(lengths) >= 1
    assert max(lengths) <= 12


def test_pairs(files: Sequence[Source], family: FimFamily) -> None:
    """The share of rewrites is as asked for; without any, all are holes."""
    stream = ExampleStream(
        files, family, replace(SETTINGS, pair_share=0.5), 0, lambda _rng, _document: _Pair()
    )
    kinds = [each.kind for index in range(200) if (each := stream.at(index))]
    assert 70 <= kinds.count("pair:toy") <= 130
    without = ExampleStream(files, family, SETTINGS, 0, lambda _rng, _document: None)
    assert not any(each and each.kind.startswith("pair") for each in map(without.at, range(50)))


def test_unfit_pairs_are_drawn_again(files: Sequence[Source], family: FimFamily) -> None:
    """Answers that are too long hardly lower the share of rewrites."""

    def draw(rng: random.Random, _: Source) -> _Pair:
        return _Pair(after="x" * 4000) if rng.random() < 0.3 else _Pair()

    stream = ExampleStream(files, family, replace(SETTINGS, pair_share=1), 0, draw)
    kinds = [each.kind for index in range(100) if (each := stream.at(index))]
    assert kinds.count("pair:toy") > 90


def test_a_maker_sees_the_document(files: Sequence[Source], family: FimFamily) -> None:
    """What makes pairs is given the document that is open, and its own chance."""
    seen: list[Source] = []

    def make(rng: random.Random, document: Source) -> _Pair:
        seen.append(document)
        return _Pair(kind=str(rng.random() < 2))

    stream = ExampleStream(files, family, replace(SETTINGS, pair_share=1), 0, make)
    assert all(each and each.kind == "pair:True" for each in map(stream.at, range(9)))
    assert len(seen) == 9
    assert set(seen) <= set(files)


def test_no_documents(family: FimFamily) -> None:
    """A stream of nothing is refused."""
    with pytest.raises(ValueError, match="no documents"):
        ExampleStream([], family, SETTINGS, 0)


def test_examples_counts_on(files: Sequence[Source], family: FimFamily) -> None:
    """Iterating takes every so-manieth example, beginning where one likes."""
    stream = ExampleStream(files, family, SETTINGS, 0)
    taken = stream.examples(start=2, step=3)
    assert [next(taken) for _ in range(4)] == [stream.at(index) for index in (2, 5, 8, 11)]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.text(), st.sampled_from(["python", "c", "vue", "nonsense"]), st.text(max_size=8)),
        min_size=1,
        max_size=3,
    )
)
def test_any_corpus(family: FimFamily, texts: list[tuple[str, str, str]]) -> None:
    """Whatever is in the documents, there is an example or none."""
    files = [_File(text, language, path) for text, language, path in texts]
    stream = ExampleStream(files, family, replace(SETTINGS, snippet_share=1.0), 0)
    for index in range(6):
        example = stream.at(index)
        assert example is None or example.middle
