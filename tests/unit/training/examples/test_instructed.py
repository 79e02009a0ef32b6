"""Rewrites are laid out as the engine asks for them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest

from lsp_server.engine.runtime.denoise.ending import Ending
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.training.examples.instructed import drawn_from, pair_example


@dataclass(frozen=True)
class _Pair:
    before: str = "if a:\n    return True\nreturn False"
    after: str = "return bool(a)"
    instruction: str = "Simplify this"
    language: str = "python"
    kind: str = "simpler"


def text_of(family: FimFamily, tokens: tuple[int, ...]) -> str:
    """The text, with the chat's tokens as brackets."""
    marks = {family.chat_start: "<", family.chat_end: ">"}
    return "".join(marks.get(token) or family.vocabulary.decode([token]) for token in tokens)


def test_layout(family: FimFamily) -> None:
    """The context is the chat up to the opening fence; the middle the answer and the closing one."""
    example = pair_example(_Pair(), family, most=99)
    assert example is not None
    assert text_of(family, (*example.context, example.last)) == (
        f"<system\n{instruct.SYSTEM}>\n"
        "<user\nSimplify this\n```python\nif a:\n    return True\nreturn False\n```>\n"
        "<assistant\n```python\n"
    )
    assert text_of(family, example.middle) == "return bool(a)\n```"
    assert example.end == family.chat_end
    assert (example.kind, example.language) == ("pair:simpler", "python")


def test_the_engine_ends_where_the_answer_does(family: FimFamily) -> None:
    """What the engine looks for cuts the middle right behind the answer."""
    example = pair_example(_Pair(), family, most=99)
    assert example is not None
    text = family.vocabulary.decode(example.middle)
    assert text[: Ending(marker=instruct.FENCE).cut(text)] == _Pair().after


def test_dedented(family: FimFamily) -> None:
    """Before and after are shown without common indentation, as selections are."""
    indented = replace(_Pair(), before="    a = 1\n    b = 2\n", after="    a, b = 1, 2\n")
    example = pair_example(indented, family, most=99)
    assert example is not None
    assert "```python\na = 1\nb = 2\n```" in text_of(family, example.context)
    assert text_of(family, example.middle) == "a, b = 1, 2\n```"


@pytest.mark.parametrize("pair", [_Pair(after=""), _Pair(after="x" * 500), _Pair(before="word " * 9000)])
def test_unfit(family: FimFamily, pair: _Pair) -> None:
    """Without an answer, or with one that is too long, or asked at too great length, there is no example."""
    assert pair_example(pair, family, most=99) is None


def test_drawn_from() -> None:
    """Pairs made before are drawn one by one; of none there is none."""
    pairs = [_Pair(kind=str(number)) for number in range(3)]
    draw = drawn_from(pairs)
    document = replace(_Pair())
    assert {draw(random.Random(seed), document).kind for seed in range(30)} == {"0", "1", "2"}  # type: ignore[arg-type, union-attr]
    assert drawn_from([])(random.Random(0), document) is None  # type: ignore[arg-type]
