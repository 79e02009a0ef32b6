"""Surroundings of a place, and whether it is code."""

import pytest

from lsp_server.core.types import Span
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.places import in_comment_or_string, place_at


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", 'x = "a|b"', True),
        ("python", 'x = f"a{|b}c"', False),
        ("python", 'x = f"a|{b}c"', True),
        ("python", "# he|", True),
        ("python", '"""\n|\n"""', True),
        ("python", '"|', True),
        ("python", '|"a"', False),
        ("python", '"a"|', False),
        ("python", 'x = "abc|\ny = 1', True),
        ("python", "x| = 1", False),
        ("javascript", "`a${|x}`", False),
        ("javascript", "`a|${x}`", True),
        ("javascript", "// x|", True),
        ("javascript", "/* x */|", False),
        ("javascript", "/* |x */", True),
        ("typescript", "let x: strin|g = 1", False),
        ("go", "x := `a|`", True),
        ("rust", "let a: &'|a str", False),
        ("bash", 'echo "$(l|s)"', False),
        ("bash", "echo 'a|", True),
        ("sql", "select 'a|b'", True),
        ("yaml", "a: b|", False),
        ("yaml", 'a: "b|"', True),
        ("html", '<a b="c|">', True),
        ("html", "<p>it's a|</p>", False),
        ("ruby", '"a#{|b}"', False),
        ("ruby", "<<E\na|\nE\n", True),
        ("lua", "-- x|", True),
        ("csharp", '$"a{|b}"', False),
        ("json", '{"a|": 1}', True),
        ("plaintext", 'a "b|"', False),
        ("python", "|", False),
    ],
)
def test_in_comment_or_string(language: str, text: str, expected: bool) -> None:
    """Comments and insides of strings, half-typed ones too, are told from code inserted into strings."""
    offset = text.index("|")
    parsed = parse(text.replace("|", "", 1), language_for(language))
    assert in_comment_or_string(parsed, offset) is expected


def test_place_around_a_span() -> None:
    """The line's two sides, the nearest lines with code, and no carriage returns."""
    parsed = parse("a\r\n\r\n  bxc\r\n\r\n  d\r\n", language_for("python"))
    place = place_at(parsed, Span(8, 9))
    assert (place.prefix, place.rest, place.above, place.below) == ("  b", "c", "a", ("  d",))
    assert not place.on_blank_line


def test_place_at_the_ends() -> None:
    """An empty text has an empty place."""
    place = place_at(parse("", language_for("python")), Span(0, 0))
    assert (place.prefix, place.rest, place.above, place.below) == ("", "", "", ())
    assert place.on_blank_line
