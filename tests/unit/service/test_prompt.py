from __future__ import annotations

import pytest

from lsp_server.context.gather import Context
from lsp_server.context.window import Window
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Decode
from lsp_server.service.prompt import Prompt, Target, compose, uses_crlf


def composed(text: str, *targets: Target, start: int = 0) -> Prompt:
    document = Document("a", "python", text)
    return compose(document, Context(window=Window(text[start:], start), snippets=()), targets)


def marked(prompt: Prompt) -> str:
    """The model's text with `[head|present]` for each hole."""
    shown, done = "", 0
    for hole, head in zip(prompt.holes, prompt.heads, strict=True):
        behind = hole.start + len(head)
        shown += f"{prompt.text[done : hole.start]}[{prompt.text[hole.start : behind]}|"
        shown += f"{prompt.text[behind : hole.end]}]"
        done = hole.end
    return shown + prompt.text[done:]


def at(start: int, end: int | None = None, **options: object) -> Target:
    return Target(Span(start, start if end is None else end), **options)


def test_what_is_added_is_missing_before() -> None:
    """A hole is shown the document as it is behind it, not how later ones begin and end."""
    text = "def f(a, b=1): pass\n"
    targets = [
        at(7, kept=": ", healed=False, added=True),
        at(10, 11, kept=": ", present="  = ", added=True, head=0),
    ]
    request = composed(text, *targets).request(Document("a", "python", text), Settings(), budget_ms=1)
    assert request.text == "def f(a: , b:   = 1): pass\n"
    assert [request.behind(0), request.behind(1)] == [", b=1): pass\n", "1): pass\n"]


@pytest.mark.parametrize(
    ("text", "targets", "shown"),
    [
        ("", [at(0)], "[|]"),
        ("x = fo\n", [at(6)], "x =[ fo|]\n"),
        ("def f():\n    ", [at(13)], "def f():\n[    |]"),
        ("a\r\nb = 1\r\n", [at(8)], "a\nb = 1[|]\n"),
        ("a\r\n  \r\nb", [at(5)], "a\n[  |]\nb"),
        ("f(___, ___)", [at(2, 5), at(7, 10)], "f[(|],[ |])"),
        ("aa", [at(1, 1), at(1, 1)], "[a|][|]a"),
        ("x = 1\n", [at(0, 5, present="x = 1", healed=False)], "[|x = 1]\n"),
        ("    # remask: sort\n", [at(4, 18, kept="# sort\n    ")], "    # sort\n[    |]\n"),
        ("🙂 a = (", [at(7)], "🙂 a =[ (|]"),
        ("x = foo.ba\n", [at(10, head=7)], "x =[ foo.ba|]\n"),
        ("x = foo\n", [at(7, head=0)], "x = foo[|]\n"),
    ],
)
def test_the_model_s_text(text: str, targets: list[Target], shown: str) -> None:
    """Holes take in what is half typed, several stay apart, and lines end in line feeds."""
    assert marked(composed(text, *targets)) == shown


def test_locks_hold_the_head() -> None:
    """The head is locked from the hole's start; without a head there is no lock."""
    prompt = composed("x = fo", at(6))
    assert prompt.holes[0].locks == (Span(3, 6),)
    assert composed("x\n", at(2)).holes[0].locks == ()


def test_offsets_count_in_the_window() -> None:
    """A window that starts later moves the holes."""
    prompt = composed("first\nx = fo\n", at(12), start=6)
    assert marked(prompt) == "x =[ fo|]\n"


@pytest.mark.parametrize(
    ("text", "fill", "written"),
    [
        ("x = fo", " foo()", "o()"),
        ("x = fo", " bar()", None),
        ("a\r\nx = fo", " foo(\n  1)", "o(\r\n  1)"),
    ],
)
def test_what_a_fill_writes(text: str, fill: str, written: str | None) -> None:
    """The locked head is taken off again and the document's line ends are put in."""
    assert composed(text, at(len(text))).written(0, fill) == written


@pytest.mark.parametrize(
    ("text", "crlf"), [("", False), ("a\n", False), ("a\r\nb\r\n", True), ("a\r\nb\nc\n", False)]
)
def test_line_ends(text: str, crlf: bool) -> None:
    """The line end that most lines have is the document's."""
    assert uses_crlf(text) is crlf


def test_the_request_names_the_document() -> None:
    """Settings and document reach the engine; the budget stays what the protocol allows."""
    settings = Settings()
    prompt = composed("x", at(1, max_tokens=7, max_lines=2, min_indent=4, avoid=("y",)))
    request = prompt.request(Document("a", "python", "x"), settings, budget_ms=-5, candidates=3, seed=9)
    assert (request.document, request.language, request.candidates) == ("a", "python", 3)
    assert (request.budget_ms, request.sampling.seed, request.sampling.decode) == (1, 9, Decode.AUTO)
    hole = request.holes[0]
    assert (hole.max_tokens, hole.max_lines, hole.min_indent, hole.avoid) == (7, 2, 4, ("y",))
    assert prompt.request(Document("a", "p", ""), settings, budget_ms=10**9).budget_ms == 600_000
