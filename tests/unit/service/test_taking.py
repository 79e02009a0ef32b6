from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from lsp_server.context.gather import Context
from lsp_server.context.window import Window
from lsp_server.core.edits import apply_together
from lsp_server.core.types import Edit, Rewrite, Silence, Span
from lsp_server.engine.protocol import HoleFill, Stop
from lsp_server.service.prompt import Prompt, Target
from lsp_server.service.taking import Taking, continued, taken_anew
from lsp_server.service.wish import Wish
from lsp_server.syntax.check import check_edits
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

if TYPE_CHECKING:
    from tests.unit.service.conftest import Bench

CODE = """def total(numbers):
    result = 0
    for each in numbers:
        result = result + each
    print(result)
    return result
"""
BODY = Span(CODE.index("    result = 0"), len(CODE))
LINES = CODE.splitlines(keepends=True)


async def taken(bench: Bench, action: str, text: str, span: Span, answer: object, **wish: object) -> Rewrite:
    """A rewrite that the user takes while the engine is at it, which has `answer` by then."""
    document = bench.open(text)
    taking = Taking(bench.engine.take)
    bench.engine.script = [answer]  # type: ignore[list-item]

    def take() -> None:
        taking.take()
        bench.engine.stop = Stop.BUDGET

    bench.engine.during = take
    return await bench.rewriter.run(action, document, span, Wish(**wish), taking=taking)  # type: ignore[arg-type]


def result(rewrite: Rewrite) -> str:
    return apply_together(rewrite.document.text, rewrite.edits)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("result = 0.0\n    for number in numbers:\n        result += number", [1, 2, 3]),
        ("result = 0.0\n    for number in numbers:", [1, 2]),
        ("    result = 0.0\n    for number in numbers:\n        result += number", [1, 2, 3]),
    ],
    ids=["a loop", "a part that needs what follows", "indented"],
)
async def test_whole_lines_are_taken_and_the_rest_stays(
    bench: Bench, answer: str, expected: list[int]
) -> None:
    """The selection goes on behind the lines that those which are there are the rewrite of."""
    rewrite = await taken(bench, "rewrite", CODE, BODY, answer, instruction="use floats")
    fresh = [line.strip() for line in answer.split("\n")]
    wanted = [
        line if at not in expected else line[: len(line) - len(line.lstrip())] + fresh[at - 1] + "\n"
        for at, line in enumerate(LINES)
    ]
    assert result(rewrite) == "".join(wanted)
    assert len(bench.engine.requests) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", ["", "result = su", "\n", "result = (\n    for"])
async def test_what_is_no_line_yet_is_not_taken(bench: Bench, answer: str) -> None:
    """Half a line, or lines that do not parse with what follows, are nothing to take."""
    rewrite = await taken(bench, "rewrite", CODE, BODY, answer, instruction="use floats")
    assert (rewrite.edits, rewrite.silence) == ((), Silence.TOO_EARLY)


@pytest.mark.parametrize(
    ("old", "refused"), [("print(result)", "print(result"), ("return result", "return 7")]
)
def test_lines_that_may_not_be_offered_are_left_out(old: str, refused: str) -> None:
    """Of a canvas whose masks became the old tokens again, those changes are taken that are fine."""
    mixed = CODE[BODY.start :].replace("= 0", "= 0.0").replace(old, refused)
    parsed = parse(CODE, language_for("python"))

    def fine(edits: Sequence[Edit]) -> bool:
        return not check_edits(parsed, edits).worse and all("7" not in edit.text for edit in edits)

    fill, prompt = HoleFill(mixed, Stop.END), Prompt("", (), (), Context(Window("", 0), ()))
    edits = taken_anew(parsed, prompt, Target(BODY), fill, fine)
    assert apply_together(CODE, edits) == CODE.replace("= 0", "= 0.0")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fills", "expected"),
    [
        (("return sum(a)", ""), ("return sum(a)", "...")),
        (("return sum(a)", "return max("), ("return sum(a)", "return max")),
        (("for each in a:", ""), ("...", "...")),
        (("first = a[0]\n    for each in a:", "return b"), ("first = a[0]", "return b")),
    ],
)
async def test_of_a_hole_is_taken_what_parses(
    bench: Bench, fills: tuple[str, str], expected: tuple[str, str]
) -> None:
    """Lines, then tokens, are left out until nothing is broken; a hole with nothing keeps its marker."""
    text = "def one(a):\n    {}\n\n\ndef two(b):\n    {}\n"
    rewrite = await taken(bench, "fill-holes", text.format("...", "..."), Span(0, 0), fills)
    assert result(rewrite) == text.format(*expected)
    assert rewrite.silence is (None if expected != ("...", "...") else Silence.TOO_EARLY)


@pytest.mark.asyncio
async def test_what_is_taken_before_it_began_asks_nobody(bench: Bench) -> None:
    """The wish may come before the request: none is made."""
    taking = Taking(bench.engine.take)
    taking.take()
    document = bench.open(CODE)
    rewrite = await bench.rewriter.run("rewrite", document, BODY, taking=taking)
    assert rewrite.silence is Silence.TOO_EARLY
    assert bench.engine.requests == []


@pytest.mark.asyncio
async def test_an_engine_is_told_until_it_knows_the_request() -> None:
    """The wish may overtake the request; when that has ended nobody is told any more."""
    told: list[str] = []
    over = asyncio.Event()

    async def tell(name: str) -> bool:
        told.append(name)
        if len(told) == 3:
            over.set()
        return len(told) == 3

    taking = Taking(tell, sleep=lambda _: asyncio.sleep(0))
    with taking.under_way() as name:
        taking.take()
        taking.take()
        await asyncio.wait_for(over.wait(), 20)
    assert told == [name] * 3
    taking.take()
    await asyncio.sleep(0)
    assert len(told) == 3


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\nc\n", "", "a\nb\nc\n"),
        ("a\nb\nc\n", "a\nx\n", "a\nx\nc\n"),
        ("a\nb\nc\n", "a\nx", "a\nx\nc\n"),
        ("a b\nc d\n", "x\na b\n", "x\na b\nc d\n"),
        ("a b\nc d\ne f\n", "c d\n", "c d\ne f\n"),
        ("a\nb\nc", "a\nb\nc", "a\nb\nc"),
        ("", "a\n", "a\n"),
    ],
)
def test_the_old_text_goes_on_behind_the_new(old: str, new: str, expected: str) -> None:
    """Where lines stand for others, were added, or left out, by the least edit distance."""
    assert continued(old, new) == expected


def test_monstrous_texts_are_not_compared() -> None:
    """With too many lines nothing is taken rather than computed for ever."""
    old = "x\n" * 5_000
    assert continued(old, "y\n" * 5_000) == old
