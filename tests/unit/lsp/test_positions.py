from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Span
from lsp_server.lsp.positions import Encoding, Lines

ENCODINGS = list(Encoding)
ALPHABET = "ab\té\u0301中😀🇩\ud800\udc00\r\n\x0b\x85\u2028"
texts = st.text(st.sampled_from(ALPHABET), max_size=60)


def naive_lines(text: str) -> list[str]:
    """The protocol's lines with their breaks, by the slowest rule that is surely right."""
    lines, current = [], ""
    for index, char in enumerate(text):
        current += char
        if char == "\n" or (char == "\r" and text[index + 1 : index + 2] != "\n"):
            lines.append(current)
            current = ""
    return [*lines, current]


def naive_units(char: str, encoding: Encoding) -> int:
    code = ord(char)
    if encoding is Encoding.UTF_32:
        return 1
    if encoding is Encoding.UTF_16:
        return 2 if code > 0xFFFF else 1
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


@given(texts, st.data(), st.sampled_from(ENCODINGS))
def test_every_offset_survives_the_round_trip(text: str, data: st.DataObject, encoding: Encoding) -> None:
    """Offset to position and back gives the offset, except inside a CRLF, which means the line's end."""
    offset = data.draw(st.integers(0, len(text)))
    line, character = Lines(text).position(offset, encoding)
    inside_crlf = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
    assert Lines(text).offset(line, character, encoding) == (offset - 1 if inside_crlf else offset)


@given(texts, st.integers(0, 80), st.integers(0, 200), st.sampled_from(ENCODINGS))
def test_any_position_means_what_the_protocol_says(
    text: str, line: int, character: int, encoding: Encoding
) -> None:
    """Positions past a line mean its end, past the text the text's end, inside a character its start."""
    lines = naive_lines(text)
    if line >= len(lines):
        expected = len(text)
    else:
        expected, used = sum(map(len, lines[:line])), 0
        for char in lines[line].rstrip("\r\n"):
            used += naive_units(char, encoding)
            if used > character:
                break
            expected += 1
    assert Lines(text).offset(line, character, encoding) == expected


@given(texts, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), texts), max_size=5), st.data())
def test_edited_lines_equal_lines_found_anew(
    text: str, edits: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    """Keeping the lines before an edit never differs from searching the whole text again."""
    lines = Lines(text)
    for one, other, replacement in edits:
        start, end = sorted((min(one, len(lines.text)), min(other, len(lines.text))))
        lines.position(data.draw(st.integers(0, len(lines.text))), Encoding.UTF_16)
        lines = lines.edited(Span(start, end), replacement)
        for offset in range(len(lines.text) + 1):
            assert lines.position(offset, Encoding.UTF_16) == Lines(lines.text).position(
                offset, Encoding.UTF_16
            )


@pytest.mark.parametrize(
    ("text", "position", "encoding", "offset"),
    [
        ("", (0, 0), "utf-16", 0),
        ("", (7, 7), "utf-16", 0),
        ("abc", (0, 99), "utf-16", 3),
        ("abc\n", (0, 99), "utf-16", 3),
        ("abc\r\nd", (0, 99), "utf-16", 3),
        ("abc\rd", (1, 1), "utf-16", 5),
        ("abc", (2**40, 2**40), "utf-16", 3),
        ("a😀b", (0, 1), "utf-16", 1),
        ("a😀b", (0, 2), "utf-16", 1),
        ("a😀b", (0, 3), "utf-16", 2),
        ("a😀b", (0, 3), "utf-8", 1),
        ("a😀b", (0, 5), "utf-8", 2),
        ("a😀b", (0, 2), "utf-32", 2),
        ("a\ud83d\ude00b", (0, 2), "utf-16", 2),
        ("a\x0bb\u2028c", (0, 4), "utf-16", 4),
    ],
)
def test_known_positions(text: str, position: tuple[int, int], encoding: str, offset: int) -> None:
    """The cases that go wrong elsewhere: unterminated last line, astral characters, lone surrogates."""
    assert Lines(text).offset(*position, Encoding(encoding)) == offset


@pytest.mark.parametrize("position", [(-1, 0), (0, -1)])
def test_negative_positions_are_refused(position: tuple[int, int]) -> None:
    """A negative number is an error, never an index from the end."""
    with pytest.raises(BadInput):
        Lines("abc").offset(*position, Encoding.UTF_16)


@pytest.mark.parametrize("offset", [-1, 4])
def test_offsets_outside_the_text_are_refused(offset: int) -> None:
    """An offset that is not in the text has no position."""
    with pytest.raises(BadInput):
        Lines("abc").position(offset, Encoding.UTF_16)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_one_line_of_five_megabytes(encoding: Encoding) -> None:
    """A huge line of mixed characters converts both ways."""
    text = "x😀" * 1_200_000
    line, character = Lines(text).position(len(text) - 1, encoding)
    assert line == 0
    assert Lines(text).offset(line, character, encoding) == len(text) - 1


def test_a_thousand_edits_in_fifty_thousand_lines() -> None:
    """Edits from the bottom up, as editors send them, each find their place."""
    lines = Lines("value = 1\n" * 50_000)
    for line in range(49_999, 0, -50):
        at = lines.offset(line, 8, Encoding.UTF_16)
        lines = lines.edited(Span(at, at + 1), "22")
    assert lines.text.count("value = 22\n") == 1000
    assert lines.position(len(lines.text), Encoding.UTF_16) == (50_000, 0)
