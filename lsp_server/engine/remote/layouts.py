"""How models were trained to fill in the middle: the text around prefix and suffix, by family.

Qwen2.5-Coder (arXiv 2409.12186), StarCoder2 (arXiv 2402.19173), Code Llama (arXiv 2308.12950),
DeepSeek-Coder (arXiv 2401.14196), Codestral (its tokenizer's control tokens), CodeGemma (arXiv
2406.11409), Seed-Coder (arXiv 2506.03524). The server turns these words into its tokens, which is why
code that spells one is shown with a blank in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.engine.protocol import Snippet


@dataclass(frozen=True, slots=True)
class Layout:
    """One family's. `form` has ``{prefix}`` and ``{suffix}``, `ends` are texts that end a fill.

    `file` begins another file of the repository, with ``{path}``; without it snippets are comments.
    """

    form: str
    ends: tuple[str, ...]
    file: str = ""

    @property
    def marks(self) -> frozenset[str]:
        """Every text here that is a token with a meaning of its own."""
        frame = re.split(r"\{\w+\}|\n| (?=<)|(?<=>) ", self.form)
        return frozenset(filter(None, (*frame, *self.ends, self.file.split("{")[0])))

    def prompt(
        self,
        prefix: str,
        suffix: str,
        *,
        typed: str = "",
        path: str,
        snippets: Sequence[Snippet],
        comment: str | None,
    ) -> str:
        """The text for a hole between `prefix` and `suffix`; `comment` begins a line's comment.

        What is `typed` in the hole stands behind all of it, so that the server's prefix cache has the
        suffix too while a line is typed.
        """
        clean = self._clean
        if self.file:
            head = "".join(f"{self._named(each.path)}{clean(each.text)}\n" for each in snippets)
            head += self._named(path) if snippets else ""
        else:
            head, prefix = "", commented(snippets, comment) + prefix
        return head + self.form.format(prefix=clean(prefix), suffix=clean(suffix)) + clean(typed)

    def _named(self, path: str) -> str:
        return self.file.format(path=self._clean(path))

    def _clean(self, text: str) -> str:
        """`text` in which no mark is left."""
        for mark in sorted(self.marks, key=len, reverse=True):
            if mark in text:
                text = text.replace(mark, f"{mark[:1]} {mark[1:]}")
        return text


def commented(snippets: Sequence[Snippet], comment: str | None) -> str:
    """The snippets as comments before the text; nothing in a language without line comments."""
    if comment is None:
        return ""
    lines = [line for each in snippets for line in (each.path, *each.text.split("\n"))]
    return "".join(f"{comment} {line}".rstrip() + "\n" for line in lines)


_STAR_ENDS = ("<|endoftext|>", "<file_sep>", "<fim_prefix>", "<repo_name>")
LAYOUTS: dict[str, Layout] = {
    "qwen": Layout(
        "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>",
        ("<|endoftext|>", "<|file_sep|>", "<|fim_prefix|>", "<|im_end|>"),
        "<|file_sep|>{path}\n",
    ),
    "starcoder": Layout(
        "<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>", _STAR_ENDS, "<file_sep>{path}\n"
    ),
    "codellama": Layout("<PRE> {prefix} <SUF>{suffix} <MID>", ("<EOT>", "</s>")),
    "deepseek": Layout(
        "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",  # noqa: RUF001 -- its own bars
        ("<｜end▁of▁sentence｜>", "<|EOT|>"),  # noqa: RUF001
    ),
    "codestral": Layout("[SUFFIX]{suffix}[PREFIX]{prefix}", ("</s>", "[PREFIX]", "[SUFFIX]")),
    "codegemma": Layout(
        "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>",
        ("<|file_separator|>", "<eos>", "<|fim_prefix|>"),
    ),
    "seed": Layout(
        "<[fim-suffix]>{suffix}<[fim-prefix]>{prefix}<[fim-middle]>",
        ("<[end▁of▁sentence]>", "<[fim-prefix]>", "<[fim-suffix]>"),
    ),
}
"""By the names of the setting `engine.prompt`."""

_NAMES = (
    (r"qwen", "qwen"),
    (r"starcoder|santacoder|stable-?code|granite.*code|smollm.*fim", "starcoder"),
    (r"code-?llama", "codellama"),
    (r"deepseek.*coder|deepseek-coder", "deepseek"),
    (r"codestral|mamba-codestral", "codestral"),
    (r"codegemma", "codegemma"),
    (r"seed-coder|stable-?diffcoder", "seed"),
    (r"llada|sdar|dream|diffucoder|diffusiongemma|nemotron", "chat"),
)
"""What a model's name says, first match first; models of diffusion that were not trained to fill are asked
in chat."""


def layout_named(model: str) -> str | None:
    """The value of `engine.prompt` that a model's name means; None if it says nothing."""
    name = model.lower()
    return next((layout for pattern, layout in _NAMES if re.search(pattern, name)), None)
