"""What is asked of the model, and what a way makes of its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from lsp_server.engine.protocol import Decode, Excluded, Sampling
from lsp_server.evaluation.filling import Asker, request_for
from lsp_server.evaluation.ways import parse_way

from .conftest import ANSWER, GivenFiller, problem

Given = Callable[..., GivenFiller]


def test_no_request_depends_on_the_answer() -> None:
    """No oracle: two problems that differ in their answers alone are asked for alike."""
    one, other = (problem(answer=answer) for answer in ("    x", "    much_longer = 1 + 2 + 3 + 4"))
    assert request_for(one, Sampling()) == request_for(other, Sampling())


def test_a_windowed_problem_shows_what_the_server_shows() -> None:
    """Far away text is cut; the hole stays where it was."""
    hole = problem(prefix="x = 1\n" * 5000, suffix="y = 2\n" * 5000, windowed=True)
    request = request_for(hole, Sampling())
    at = request.holes[0].start
    assert len(request.text) < 4000
    assert request.text[:at].endswith("x = 1\n")
    assert request.text[at:].startswith("y = 2\n")


def test_a_fill_is_timed_and_counted(given: Given) -> None:
    """Seconds come from the clock, passes and tokens from the engine."""
    clock = iter([1.0, 3.5])
    asker = Asker(given([(ANSWER, 0.75)]), clock=lambda: next(clock))
    filled = asker.fill(problem(), parse_way("verified", count=4))
    assert (filled.text, filled.confidences, filled.seconds) == (ANSWER, (0.75,), 2.5)
    assert (filled.tokens, filled.forwards, filled.tried) == (1, 3, ())


def test_repair_asks_once_more_avoiding_the_broken_fill(given: Given) -> None:
    """As the server does; the passes of both count."""
    filler = given([("    return (first", 0.9)], [(ANSWER, 0.5)])
    filled = Asker(filler).fill(problem(), parse_way("verified+repair", count=4))
    assert (filled.text, filled.forwards) == (ANSWER, 6)
    assert filler.requests[1].holes[0].avoid == ("    return (first",)


@pytest.mark.parametrize(
    ("way", "decode"),
    [
        ("left-to-right+switch", Decode.CONFIDENCE),
        ("verified+switch", Decode.CONFIDENCE),
        ("confidence:0.7+switch", Decode.VERIFIED),
    ],
)
def test_switch_asks_the_other_kind_of_decode(given: Given, way: str, decode: Decode) -> None:
    """What one breaks the other may not."""
    filler = given([("    return (first", 0.9)], [(ANSWER, 0.5)])
    filled = Asker(filler).fill(problem(), parse_way(way, count=4))
    assert (filled.text, filled.forwards) == (ANSWER, 6)
    assert filler.requests[1].sampling.decode is decode


def test_switch_comes_back_to_the_first_decode(given: Given) -> None:
    """As the server does: with what both wrote to be avoided; the passes of all three count."""
    filler = given([("    return (first", 0.9)], [("    return )", 0.5)], [(ANSWER, 0.5)])
    filled = Asker(filler).fill(problem(), parse_way("verified+switch", count=4))
    assert (filled.text, filled.forwards) == (ANSWER, 9)
    assert filler.requests[2].sampling.decode is Decode.VERIFIED
    assert filler.requests[2].holes[0].avoid == ("    return (first", "    return )")


def test_switch_remasks_what_the_base_wrote(given: Given) -> None:
    """The second try keeps the first fill as its draft, less its least sure token."""
    filler = given([("    return (first", 0.9)], [("    return )", 0.5)], [(ANSWER, 0.5)])
    Asker(filler).fill(problem(), parse_way("verified+switch", count=4))
    (hole,) = filler.requests[2].holes
    assert (hole.draft, hole.excluded) == ("    return (first", (Excluded(0, "    return (first"),))


def test_names_that_nothing_defines_are_remasked(given: Given) -> None:
    """As the server does: a fill of defined names that is likely takes the place of one that is not."""
    filler = given([("    return nowhere", 0.9)], [(ANSWER, 0.5)])
    filled = Asker(filler).fill(problem(), parse_way("verified+names", count=4))
    assert (filled.text, filled.confidences, filled.forwards) == (ANSWER, (0.5,), 6)
    assert filler.requests[1].holes[0].draft == "    return nowhere"


@pytest.mark.parametrize("again", [("    return elsewhere", 0.9), ("    return )", 0.9), (ANSWER, 0.01)])
def test_names_that_nothing_defines_cost_confidence(given: Given, again: tuple[str, float]) -> None:
    """Where nothing better is found the fill stays, less sure."""
    filled = Asker(given([("    return nowhere", 0.9)], [again])).fill(
        problem(), parse_way("verified+names", count=4)
    )
    assert filled.text == "    return nowhere"
    assert filled.sure == pytest.approx(0.09)


def test_nothing_written_mends_nothing(given: Given) -> None:
    """The server shows no empty fill, so it asks on."""
    filler = given([("    return (first", 0.9)], [("", 0.9)], [(ANSWER, 0.5)])
    assert Asker(filler).fill(problem(), parse_way("verified+switch", count=4)).text == ANSWER


def test_repair_keeps_the_first_fill_if_the_second_breaks_too(given: Given) -> None:
    """Nothing is gained, and it has cost its passes."""
    filler = given([("    return (first", 0.9)], [("    return )", 0.5)])
    filled = Asker(filler).fill(problem(), parse_way("verified+repair", count=4))
    assert (filled.text, filled.forwards) == ("    return (first", 6)


def test_unbroken_fills_are_not_repaired(given: Given) -> None:
    """One request."""
    filler = given([(ANSWER, 0.9)])
    Asker(filler).fill(problem(), parse_way("verified+repair", count=4))
    assert len(filler.requests) == 1


def test_candidates_are_asked_for_and_the_surest_taken(given: Given) -> None:
    """The engine sorts; all are kept to see what ranking could reach."""
    filler = given([("    a", 0.9), ("    b", 0.8)])
    filled = Asker(filler).fill(problem(), parse_way("verified+candidates", count=2))
    assert filler.requests[0].candidates == 2
    assert (filled.text, filled.tried) == ("    a", ("    a", "    b"))


class GivenRanker:
    """Takes the fill with this index; four passes."""

    def __init__(self, index: int) -> None:
        self.seen: list[Sequence[str]] = []
        self._index = index

    def best(self, _prefix: str, fills: Sequence[str], _suffix: str) -> tuple[int, int]:
        self.seen.append(fills)
        return self._index, 4

    joins = best


def test_both_sided_ranking_sees_what_would_be_inserted(given: Given) -> None:
    """The ranker's choice is taken, and its passes count."""
    ranker = GivenRanker(1)
    filler = given([("    a", 0.9), ("    b", 0.8)])
    filled = Asker(filler, ranker).fill(problem(), parse_way("verified+both-sided", count=2))
    assert ranker.seen == [["    a\n", "    b\n"]]
    assert (filled.text, filled.forwards) == ("    b", 7)


def test_a_fill_is_cut_where_the_suffix_follows_best(given: Given) -> None:
    """Whole lines and the first line's words are tried; the passes count."""
    ranker = GivenRanker(2)
    hole = problem(prefix="x = ", whole_lines=False, max_lines=None)
    filled = Asker(given([("a + b\nprint(x)\n", 0.9)]), ranker).fill(hole, parse_way("verified+cut", count=1))
    assert ranker.seen == [["a + b\nprint(x)\n", "a + b\nprint(x)", "a + b", "a +", "a"]]
    assert (filled.text, filled.forwards) == ("a + b", 7)


def test_nothing_is_cut_where_nothing_follows(given: Given) -> None:
    """Without a suffix every place is as good."""
    hole = problem(suffix=" \n", max_lines=None)
    filled = Asker(given([("a\nb", 0.9)]), GivenRanker(1)).fill(hole, parse_way("verified+cut", count=1))
    assert (filled.text, filled.forwards) == ("a\nb", 3)


@pytest.mark.parametrize(("extra", "text"), [("", "add(first, second))"), ("+trim", "add(first, second)")])
def test_trim_drops_what_the_suffix_repeats(given: Given, extra: str, text: str) -> None:
    """A closing bracket that stands behind the hole already goes."""
    hole = problem(prefix="x = (", suffix=")\n", whole_lines=False)
    filler = given([("add(first, second))", 0.9)])
    assert Asker(filler).fill(hole, parse_way(f"verified{extra}", count=1)).text == text


def test_reading_costs_one_token(given: Given) -> None:
    """The context is read with the same text, for next to nothing."""
    filler = given([("x", 1.0)])
    Asker(filler).read(problem())
    assert filler.requests[0].holes[0].max_tokens == 1
    assert filler.requests[0].text == request_for(problem(), Sampling()).text
