"""Regions edited lately."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.recent import (
    LARGEST_EDIT,
    LATELY_S,
    MOST_DOCUMENTS,
    NEAR_LINES,
    RecentEdits,
    _changed,
)
from lsp_server.core.types import Document

LINES = "".join(f"line {number}\n" for number in range(200))
HERE = Document(key="here", language="python", text="", path=Path("/w/here.py"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def document(text: str, key: str = "other") -> Document:
    return Document(key=key, language="python", text=text, path=Path(f"/w/{key}.py"))


def replaced(before: Document, old: str, new: str) -> Document:
    assert old in before.text
    return replace(before, text=before.text.replace(old, new, 1), revision=before.revision + 1)


def edited(recent: RecentEdits, before: Document, *changes: tuple[str, str]) -> Document:
    for old, new in changes:
        after = replaced(before, old, new)
        recent.record(before, after)
        before = after
    return before


def texts(recent: RecentEdits) -> list[str]:
    return [region.text for region in recent.regions(HERE)]


def test_region_is_the_edited_line() -> None:
    """One edit gives the whole line as it is now."""
    recent = RecentEdits()
    edited(recent, document(LINES), ("line 50\n", "changed 50\n"))
    assert texts(recent) == ["changed 50"]


@pytest.mark.parametrize(
    ("distance", "regions"), [(1, 1), (NEAR_LINES, 1), (NEAR_LINES + 1, 2), (100, 2)], ids=str
)
def test_edits_are_grouped_within_eight_lines(distance: int, regions: int) -> None:
    """Edits up to eight lines apart are one region."""
    recent = RecentEdits()
    second = 50 + distance
    edited(recent, document(LINES), ("line 50\n", "one\n"), (f"line {second}\n", "two\n"))
    found = texts(recent)
    assert len(found) == regions
    assert found[0].endswith("two")


def test_latest_region_comes_first_over_all_documents() -> None:
    """Regions are ordered by their latest edit, whatever document they are in."""
    recent = RecentEdits()
    one = edited(recent, document(LINES, "one"), ("line 9\n", "one a\n"))
    edited(recent, document(LINES, "two"), ("line 9\n", "two a\n"))
    edited(recent, one, ("line 90\n", "one b\n"))
    assert texts(recent) == ["one b", "two a", "one a"]


def test_regions_move_with_later_edits_above_them() -> None:
    """Text inserted above shifts a region; it still shows its line."""
    recent = RecentEdits()
    edited(recent, document(LINES), ("line 150\n", "kept\n"), ("line 3\n", "three\nnew\nlines\n"))
    assert texts(recent) == ["three\nnew\nlines", "kept"]


def test_region_swallowed_by_a_deletion_shows_what_is_left() -> None:
    """Deleting the edited lines leaves the place where they stood."""
    recent = RecentEdits()
    block = "".join(f"line {number}\n" for number in range(40, 60))
    start = edited(recent, document(LINES), ("line 50\n", "changed\n"))
    edited(recent, start, (block.replace("line 50\n", "changed\n"), ""))
    assert texts(recent) == ["line 60"]


def test_a_reload_is_no_edit() -> None:
    """Replacing very much at once is not taken for typing, and what was there before is followed over it."""
    recent = RecentEdits()
    before = document("first\n" + "x\n" * LARGEST_EDIT)
    recent.record(before, replace(before, text="first\n" + "y\n" * LARGEST_EDIT))
    assert texts(recent) == []


def test_edits_grow_old() -> None:
    """After half an hour an edit is no longer recent."""
    clock = Clock()
    recent = RecentEdits(clock=clock)
    edited(recent, document(LINES), ("line 50\n", "changed\n"))
    clock.now = LATELY_S
    assert texts(recent) == ["changed"]
    clock.now = LATELY_S + 1
    assert texts(recent) == []


def test_only_the_last_documents_are_remembered() -> None:
    """The number of documents followed is bounded; the oldest go first."""
    recent = RecentEdits()
    for number in range(MOST_DOCUMENTS + 3):
        edited(recent, document(LINES, f"d{number}"), ("line 5\n", f"edit {number}\n"))
    found = texts(recent)
    assert len(found) == MOST_DOCUMENTS
    assert found[-1] == "edit 3"


def test_a_change_that_was_missed_starts_anew() -> None:
    """Regions of a text that is not the one recorded before are dropped rather than misplaced."""
    recent = RecentEdits()
    edited(recent, document(LINES), ("line 50\n", "lost\n"))
    edited(recent, document("fresh\ntext\n"), ("text", "word"))
    assert texts(recent) == ["word"]


def test_regions_of_the_asking_document_need_its_recorded_text() -> None:
    """A virtual text of the document itself hides its regions, as their offsets would not fit."""
    recent = RecentEdits()
    after = edited(recent, document(LINES), ("line 50\n", "changed\n"))
    assert [region.text for region in recent.regions(after)] == ["changed"]
    assert recent.regions(replace(after, text=after.text + "!")) == ()


def test_a_long_region_is_cut_around_its_latest_edit() -> None:
    """A limit keeps the lines next to the last edit."""
    recent = RecentEdits()
    edits = [(f"line {number}\n", f"edit {number}\n") for number in range(50, 80)]
    edited(recent, document(LINES), *edits, ("edit 60\n", "the latest\n"))
    region = recent.regions(HERE, most_chars=60)[0]
    assert "the latest" in region.text
    assert len(region.text) <= 60
    assert region.text.startswith("edit ")
    assert region.document.text[region.span.end] == "\n"


def test_one_huge_line_gives_a_bounded_region() -> None:
    """An edit in a long line shows a part of it."""
    recent = RecentEdits()
    before = document("x" * 900_000)
    recent.record(before, replace(before, text="x" * 450_000 + "y" + "x" * 450_000))
    (region,) = recent.regions(HERE)
    assert "y" in region.text
    assert len(region.text) <= 1_600


def test_huge_documents_are_not_followed() -> None:
    """Five megabytes are no source file; nothing is kept of them."""
    recent = RecentEdits()
    before = document("x" * 5_000_000)
    recent.record(before, replace(before, text="y" + before.text))
    assert texts(recent) == []


@given(before=st.text("ab\n", max_size=40), after=st.text("ab\n", max_size=40))
def test_changed_span_turns_one_text_into_the_other(before: str, after: str) -> None:
    """Replacing the span found by the text found gives the new text."""
    span, length = _changed(before, after)
    assert before[: span.start] + after[span.start : span.start + length] + before[span.end :] == after


@pytest.mark.parametrize("size", [4_095, 4_096, 4_097, 20_000])
def test_changed_span_is_exact_in_long_texts(size: int) -> None:
    """Comparing in chunks finds single characters at their borders."""
    before = "a" * size + "bb" + "c" * size
    span, length = _changed(before, before.replace("bb", "bxb"))
    assert (span.start, len(span), length) == (size + 1, 0, 1)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 20), st.text("x\n👩", max_size=12)),
        min_size=1,
        max_size=12,
    )
)
def test_regions_always_lie_in_the_current_text(changes: list[tuple[int, int, str]]) -> None:
    """After any edits every region is a slice of the text as it is, and none is blank."""
    recent = RecentEdits()
    now = document("ab\n" * 20)
    for at, length, text in changes:
        after = replace(now, text=now.text[:at] + text + now.text[at + length :])
        recent.record(now, after)
        now = after
    for region in recent.regions(HERE):
        assert region.document.text == now.text
        assert region.span.end <= len(now.text)
        assert region.text.strip()
