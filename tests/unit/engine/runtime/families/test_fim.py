"""Prompts of the default family."""

from __future__ import annotations

from dataclasses import replace

from lsp_server.engine.protocol import Snippet
from lsp_server.engine.runtime.families.fim import FimFamily


def spelled(family: FimFamily, tokens: list[int]) -> str:
    """Tokens as text, special ones by name."""
    names = {family.prefix: "<P>", family.suffix: "<S>", family.middle: "<M>", family.file_sep: "<F>"}
    names |= {family.chat_start: "<start>", family.chat_end: "<end>"}
    return "".join(names.get(token) or family.vocabulary.decode([token]) for token in tokens)


def test_prefix_suffix_middle(family: FimFamily) -> None:
    """The layout Qwen2.5-Coder was trained on; the middle token stands before the hole."""
    prompt = family.fim("def f():\r\n    ", "\nf()")
    assert spelled(family, [*prompt.context, prompt.last]) == "<P>def f():\n    <S>\nf()<M>"


def test_snippets_come_first_with_their_paths(family: FimFamily) -> None:
    """Other files precede the hole's own, each behind a file separator."""
    prompt = family.fim("a", "b", path="main.py", snippets=[Snippet("util.py", "def g(): ...")])
    assert spelled(family, prompt.context) == "<F>util.py\ndef g(): ...\n<F>main.py\n<P>a<S>b"


def test_what_does_not_fit_is_cut_from_the_far_ends(family: FimFamily) -> None:
    """The nearest code stays on both sides, three quarters of the room before the hole."""
    small = replace(family, max_context=40)
    prompt = small.fim("x" * 1000 + "near", "near" + "y" * 1000)
    text = spelled(small, prompt.context)
    assert len(prompt.context) <= 40 + 2
    assert "near<S>near" in text
    assert 0 < text.count("y") < text.count("x")


def test_chat_ends_inside_the_answer(family: FimFamily) -> None:
    """The answer's given start is part of the context; its last token stands before the hole."""
    prompt = family.chat("be brief", "hello", "```python\n")
    text = spelled(family, [*prompt.context, prompt.last])
    assert text == ("<start>system\nbe brief<end>\n<start>user\nhello<end>\n<start>assistant\n```python\n")


def test_a_fill_never_holds_a_mask_or_a_role(family: FimFamily) -> None:
    """Masks and chat markers cannot be chosen; end markers can, and end the fill."""
    assert family.mask in family.never
    assert family.chat_start in family.never
    assert not family.never & family.ends
    assert family.chat_end in family.ends
