from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.protocol import Snippet
from lsp_server.engine.remote.layouts import LAYOUTS, commented, layout_named

SNIPPETS = (Snippet("util.py", "def help():"),)


@pytest.mark.parametrize(
    ("family", "prompt"),
    [
        ("qwen", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
        ("starcoder", "<fim_prefix>P<fim_suffix>S<fim_middle>"),
        ("codellama", "<PRE> P <SUF>S <MID>"),
        ("deepseek", "<｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>"),  # noqa: RUF001
        ("codestral", "[SUFFIX]S[PREFIX]P"),
        ("codegemma", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
        ("seed", "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>"),
    ],
)
def test_each_family_has_its_layout(family: str, prompt: str) -> None:
    """As its paper or tokenizer has it."""
    assert LAYOUTS[family].prompt("P", "S", path="a.py", snippets=(), comment="#") == prompt


def test_snippets_are_files_or_comments() -> None:
    """A family with a mark for files gets files, the path of the document last; another gets comments."""
    qwen = LAYOUTS["qwen"].prompt("P", "S", path="a.py", snippets=SNIPPETS, comment="#")
    assert qwen.startswith("<|file_sep|>util.py\ndef help():\n<|file_sep|>a.py\n<|fim_prefix|>P")
    llama = LAYOUTS["codellama"].prompt("P", "S", path="a.py", snippets=SNIPPETS, comment="//")
    assert llama == "<PRE> // util.py\n// def help():\nP <SUF>S <MID>"
    assert commented(SNIPPETS, None) == ""


@pytest.mark.parametrize("family", sorted(LAYOUTS))
def test_code_cannot_speak_as_the_prompt(family: str) -> None:
    """A mark in the code, the paths or the snippets reaches the server as other text, braces as they are."""
    layout = LAYOUTS[family]
    evil = "".join(sorted(layout.marks)) + "{prefix}{}"
    snippets = (Snippet(evil, evil),)
    clean = layout.prompt("", "", path="", snippets=(Snippet("", ""),), comment="#")
    shown = layout.prompt(evil, evil, path=evil, snippets=snippets, comment="#")
    for mark in layout.marks:
        assert shown.count(mark) == clean.count(mark), mark
    assert "{prefix}{}" in shown


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("Qwen/Qwen2.5-Coder-7B", "qwen"),
        ("/models/qwen3-coder-30b-a3b", "qwen"),
        ("bigcode/starcoder2-15b", "starcoder"),
        ("codellama/CodeLlama-13b-hf", "codellama"),
        ("deepseek-ai/deepseek-coder-6.7b-base", "deepseek"),
        ("deepseek-ai/DeepSeek-Coder-V2-Lite-Base", "deepseek"),
        ("mistralai/Codestral-22B-v0.1", "codestral"),
        ("google/codegemma-7b", "codegemma"),
        ("ByteDance-Seed/Seed-Coder-8B-Base", "seed"),
        ("inclusionAI/LLaDA2.0-mini", "chat"),
        ("JetLM/SDAR-4B-Chat", "chat"),
        ("gpt-4.1", None),
        ("", None),
    ],
)
def test_families_by_name(model: str, family: str | None) -> None:
    """Names on the model hub and paths; None where a person has to say."""
    assert layout_named(model) == family


def test_the_setting_names_every_layout() -> None:
    """And nothing that there is not."""
    choices = set(get_args(get_type_hints(EngineSettings)["prompt"]))
    assert choices == {"auto", "suffix", "chat", *LAYOUTS}
