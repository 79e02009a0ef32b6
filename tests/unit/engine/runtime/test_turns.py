"""Whose turn it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.runtime.turns import Served, Turns


def taken(turns: Turns[str]) -> list[str]:
    """All items in the order in which they are taken, nobody being preferred."""
    items = []
    while turns:
        items.append(turns.next(lambda _: 0, turns.owners))
    return items


def test_owners_take_turns_and_so_do_their_documents() -> None:
    """One with many documents gets no more turns than one with a single one; each keeps its order."""
    turns = Turns[str]()
    for owner, document, item in (
        ("a", 1, "a1"),
        ("a", 1, "a1'"),
        ("a", 2, "a2"),
        ("a", 3, "a3"),
        ("b", 1, "b1"),
        ("b", 1, "b1'"),
    ):
        turns.add(owner, document, item)
    assert taken(turns) == ["a1", "b1", "a2", "b1'", "a3", "a1'"]


def test_who_ranks_least_is_next() -> None:
    """Rank goes before the order of waiting, among those who may."""
    turns = Turns[str]()
    for owner in "abc":
        turns.add(owner, "", owner)
    rank = {"a": 2, "b": 1, "c": 0}
    assert turns.next(rank.__getitem__, {"a", "b"}) == "b"
    assert turns.next(rank.__getitem__, turns.owners) == "c"


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.booleans())))
def test_what_is_taken_out_is_gone_and_the_rest_is_there(steps: list[tuple[str, str, bool]]) -> None:
    """Whatever is added and removed, what is left is taken once each."""
    turns, left = Turns[int](), dict[int, tuple[str, str]]()
    for number, (owner, document, out) in enumerate(steps):
        turns.add(owner, document, number)
        left[number] = (owner, document)
        if out:
            first = min(left)
            turns.remove(*left.pop(first), first)
    assert sorted(turns) == sorted(left)
    assert all(turns.of(owner) for owner in turns.owners)
    everything = []
    while turns:
        everything.append(turns.next(lambda _: 0, turns.owners))
    assert sorted(everything) == sorted(left)


def test_absence_saves_nothing_up() -> None:
    """Who comes while another has had an hour begins where that one is, and not an hour ahead."""
    served = Served()
    served.arrive("a", ())
    served.charge("a", 3600.0)
    served.arrive("b", {"a"})
    assert served.of("b") == served.of("a")


def test_who_had_more_keeps_it_until_the_others_have_caught_up() -> None:
    """A short pause does not wipe out what was had."""
    served = Served()
    for owner in "ab":
        served.arrive(owner, {"b"} if owner == "a" else set())
    served.charge("a", 10.0)
    served.charge("b", 1.0)
    served.arrive("a", {"b"})
    assert (served.of("a"), served.of("b")) == (10.0, 1.0)
    served.charge("b", 20.0)
    served.arrive("a", {"b"})
    assert served.of("a") == 21.0


def test_nobody_is_remembered_for_ever() -> None:
    """When all have gone the next begins at nothing."""
    served = Served()
    served.charge("a", 5.0)
    served.arrive("b", ())
    assert served.of("a") == served.of("b") == 0
