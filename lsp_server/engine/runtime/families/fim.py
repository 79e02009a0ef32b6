"""The default family: fill-in-the-middle prompts of Qwen2.5-Coder (arXiv 2409.12186, section 3).

    <|fim_prefix|>P<|fim_suffix|>S<|fim_middle|> [block] [block] ...

with snippets of other files before it in the layout the model was trained on
for whole repositories (`<|file_sep|>path`, then the file's text).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.text import plain_newlines
from lsp_server.engine.protocol import Snippet
from lsp_server.engine.runtime.vocabulary import Vocabulary

_LONGEST = 16
"""Characters a token has at most, nearly always; longer texts are cut before they are tokenised."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """`context` is read before anything is denoised; `last` is the token right before the hole."""

    context: list[int]
    last: int

    def behind(self, head: Sequence[int]) -> Prompt:
        """The prompt of a hole that begins with the tokens `head`."""
        tokens = [*self.context, self.last, *head]
        return Prompt(tokens[:-1], tokens[-1])


@dataclass(frozen=True, slots=True)
class FimFamily:
    """Token ids of one tokenizer.

    A fill ends at a token of `ends`; tokens of `never` are never chosen.
    """

    vocabulary: Vocabulary
    prefix: int
    suffix: int
    middle: int
    file_sep: int
    chat_start: int
    chat_end: int
    mask: int
    ends: frozenset[int]
    never: frozenset[int]
    max_context: int = 6144

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> FimFamily:
        """Look the ids up by name."""
        special = vocabulary.special_id
        ends = frozenset(
            special(f"<|{name}|>")
            for name in ("endoftext", "im_end", "file_sep", "repo_name", "fim_prefix", "fim_suffix")
        )
        # the adapter was trained with the otherwise unused <|fim_pad|> as its mask
        mask = special("<|fim_pad|>")
        return cls(
            vocabulary=vocabulary,
            prefix=special("<|fim_prefix|>"),
            suffix=special("<|fim_suffix|>"),
            middle=special("<|fim_middle|>"),
            file_sep=special("<|file_sep|>"),
            chat_start=special("<|im_start|>"),
            chat_end=special("<|im_end|>"),
            mask=mask,
            ends=ends,
            never=(vocabulary.textless | {mask}) - ends,
        )

    def fim(self, prefix: str, suffix: str, *, path: str = "", snippets: Sequence[Snippet] = ()) -> Prompt:
        """The prompt for a hole between `prefix` and `suffix`.

        What does not fit is cut from the far ends: three quarters of the room are the prefix's.
        """
        encode = self.vocabulary.encode
        head: list[int] = []
        for snippet in snippets:
            head += [self.file_sep, *encode(f"{snippet.path}\n{snippet.text}\n")]
        if snippets:
            head += [self.file_sep, *encode(f"{path}\n")]
        head = head[: self.max_context // 2]
        room = self.max_context - len(head)
        after = encode(plain_newlines(suffix[: room * _LONGEST]))[: room // 4]
        before = encode(plain_newlines(prefix[-room * _LONGEST :]))[-(room - len(after)) :]
        return Prompt([*head, self.prefix, *before, self.suffix, *after], self.middle)

    def chat(
        self, system: str, user: str, answer_start: str, solved: tuple[str, str] | None = None
    ) -> Prompt:
        """The prompt for an answer that begins with `answer_start` (ChatML).

        `solved` is a user's message and its answer, which were before.
        """
        encode = self.vocabulary.encode
        tokens: list[int] = []
        before = [("user", solved[0]), ("assistant", solved[1])] if solved else []
        for role, text in (("system", system), *before, ("user", user)):
            tokens += [self.chat_start, *encode(f"{role}\n{text}"), self.chat_end, *encode("\n")]
        tokens += [self.chat_start, *encode(f"assistant\n{answer_start}")]
        return Prompt(tokens[:-1], tokens[-1])
