from __future__ import annotations

import pytest

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.mentions import MOST_MENTIONS, mentions
from lsp_server.syntax.parse import parse


@pytest.mark.parametrize(
    ("language", "text", "kinds"),
    [
        ("python", "# the area of it\n", ["comment"]),
        ("python", '"""Has area."""\ndef f():\n    """Gives `area`."""\n', ["docstring", "docstring"]),
        ("python", "x = 'the area'\n", ["string"]),
        ("python", "x['area']\n", ["key"]),
        ("python", "__all__ = ['area', 'other']\n", ["export"]),
        ("python", "area = f'{area}'\n", []),
        ("python", "# areas, my_area, area2\n", []),
        ("javascript", "/* area */ f(`an area ${area}`)", ["comment", "string"]),
        ("plaintext", "area", []),
    ],
)
def test_where_a_name_is_spoken_of(language: str, text: str, kinds: list[str]) -> None:
    """In what is no code, as a whole word; code inside strings is code."""
    found = mentions(parse(text, language_for(language)), "area")
    assert [each.text.value for each in found] == kinds
    assert all(text[each.span.start : each.span.end] == "area" for each in found)


def test_a_word_of_the_language_is_left_alone() -> None:
    """More mentions than anybody would look at are none."""
    text = "# area\n" * (MOST_MENTIONS + 1)
    assert mentions(parse(text, language_for("python")), "area") == ()
