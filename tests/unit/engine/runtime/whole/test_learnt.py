"""Every family fills holes right once its network has learnt to: digits that count on both sides."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.protocol import Decode, FillRequest, Hole, Sampling
from lsp_server.engine.runtime.families.layout import SuffixFirst
from lsp_server.engine.runtime.whole.load import load_folder

Loaded = Callable[..., Any]

DECODES = [Decode.AUTO, Decode.CONFIDENCE, Decode.ENTROPY, Decode.LEFT_TO_RIGHT]


MARKS = {
    "sdar": ("<|im_start|>", "<|im_end|>", "<|file_sep|>"),
    "fast-dllm": ("<|im_start|>", "<|im_end|>", "<|file_sep|>"),
    "llada2": ("<role>", "</role>", "<|role_end|>"),
}
"""Tokens that stand for suffix, prefix and middle in the toy."""


def _module(name: str) -> Any:  # noqa: ANN401
    """A neighbour of this file: tests are no package."""
    spec = importlib.util.spec_from_file_location(f"whole_{name}", Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toy = _module("toy")


def _missed(filler: Any, decode: Decode = Decode.AUTO, lengths: range = range(1, 6)) -> list[tuple[str, str]]:  # noqa: ANN401
    """What was filled wrongly: (what should stand there, what does)."""
    missed = []
    for start in range(0, 10, 3):
        for length in lengths:
            before, after = toy.digits(start, 5), toy.digits(start + 5 + length, 6)
            request = FillRequest(
                before + after,
                (Hole(5, 5, max_tokens=16),),
                sampling=Sampling(decode=decode),
            )
            fill = filler.fill(request, cancel=CancelToken()).candidates[0].fills[0]
            right = toy.digits(start + 5, length)
            if fill.text != right:
                missed.append((right, fill.text))
    return missed


def test_length_is_found_by_looking(loaded: Loaded) -> None:
    """Without an end token in its canvas a family finds the right length as the surest one."""
    filler = loaded("dream")
    filler.family = replace(filler.family, facts=replace(filler.family.facts, canvas=(3, 4, 5)))
    toy.train(filler, toy.exact, steps=400, canvas=range(1))
    missed = _missed(filler, lengths=range(3, 6))
    assert len(missed) <= 2, missed


@pytest.mark.parametrize("family", ["dream", "open-dcoder", "llada"])
def test_both_sides(loaded: Loaded, family: str) -> None:
    """Full attention, with the shift and without: an end token closes a canvas that is too long."""
    filler = loaded(family)
    filler.family = replace(filler.family, facts=replace(filler.family.facts, canvas=(12,)))
    toy.train(filler, toy.ended(min(filler.family.ends)), steps=700, canvas=range(12, 13))
    for decode in DECODES:
        missed = _missed(filler, decode)
        assert len(missed) <= 2, (decode, missed)


@pytest.mark.parametrize("begin", [2, 8])
def test_a_canvas_finds_its_length(grown: Any, begin: int) -> None:  # noqa: ANN401
    """DreamOn: from too few masks the canvas grows, from too many it shrinks."""
    grown.family = replace(grown.family, facts=replace(grown.family.facts, canvas=(begin,)))
    missed = _missed(grown)
    assert len(missed) <= 2, missed


@pytest.mark.parametrize("family", ["sdar", "llada2", "fast-dllm", "stable-diffcoder"])
def test_block_after_block(loaded: Loaded, family: str) -> None:
    """Block-causal, suffix first: fills that go on in the next block, up to an end token."""
    filler = loaded(family)
    family_ = filler.family
    facts = replace(family_.facts, block=min(family_.facts.block, 8), stride=None)
    layout = family_.layout
    if not isinstance(layout, SuffixFirst):  # its real prompt, in words, is long for a toy
        marks = [family_.vocabulary.special_id(name) for name in MARKS[family]]
        layout = SuffixFirst(family_.vocabulary, layout.chat, 64, *marks)
    filler.family = replace(family_, facts=facts, layout=layout)
    toy.train(filler, toy.exact, steps=600, canvas=range(1))
    for decode in DECODES:
        missed = _missed(filler, decode)
        assert len(missed) <= 2, (decode, missed)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401
    """DreamOn's family, taught to expand and to delete."""
    conftest = _module("conftest")
    folder = conftest.write(tmp_path_factory.mktemp("learnt") / "dreamon", "dreamon")
    settings = EngineSettings(precision="fp32", device="cpu", threads=1)
    filler: Any = load_folder(folder, "dreamon", lambda *_: None, settings=settings)
    resizing = filler.family.facts.resizing
    toy.train(filler, toy.resized(resizing.expand, resizing.delete), steps=700, canvas=range(1, 9))
    return filler
