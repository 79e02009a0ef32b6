"""The ways in which checkpoints are asked for what stands in a hole.

`InPlace`: masks between prefix and suffix, where all see all. `SuffixFirst`: a prompt with markers
before the masks. `Asked`: in words, for those that only learnt to chat; the code is shown with a mark
in the hole's place.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.text import plain_newlines
from lsp_server.engine.runtime.families.family import Around, Surroundings
from lsp_server.engine.runtime.families.instruct import FENCE
from lsp_server.engine.runtime.vocabulary import Vocabulary

_LONGEST = 16
"""Characters a token has at most, nearly always; longer texts are cut before they are tokenised."""
MARK = "<FILL HERE>"
FILLING = "You complete code. You answer with the missing code only."


@dataclass(frozen=True, slots=True)
class Chat:
    """How turns are written, in parts: a special token, or text in which `{role}` and `{text}` take theirs.

    `answer` opens the model's own turn.
    """

    vocabulary: Vocabulary
    turn: tuple[str, ...]
    answer: tuple[str, ...]
    start: tuple[str, ...] = ()
    system: str = "system"
    user: str = "user"

    def tokens(self, system: str, user: str, answer_start: str) -> list[int]:
        """The prompt of an answer that begins with `answer_start`."""
        tokens = self._encode(self.start)
        for role, text in ((self.system, system), (self.user, user)):
            tokens += self._encode(self.turn, role, text)
        return tokens + self._encode(self.answer) + self.vocabulary.encode(answer_start)

    def _encode(self, parts: tuple[str, ...], role: str = "", text: str = "") -> list[int]:
        tokens: list[int] = []
        for part in parts:
            known = self.vocabulary.known_id(part)
            filled = part.replace("{role}", role).replace("{text}", text)
            tokens += self.vocabulary.encode(filled) if known is None else [known]
        return tokens


def chat_ml(vocabulary: Vocabulary) -> Chat:
    """ChatML, as Qwen and what grew out of it write turns."""
    return Chat(
        vocabulary,
        turn=("<|im_start|>", "{role}\n{text}", "<|im_end|>", "\n"),
        answer=("<|im_start|>", "assistant\n"),
    )


@dataclass(frozen=True, slots=True)
class InPlace:
    """The canvas between prefix and suffix; `start` and `end` are tokens at the sequence's ends, if any."""

    vocabulary: Vocabulary
    chat: Chat
    room: int
    start: int | None = None
    end: int | None = None
    file_sep: int | None = None

    def fill(self, around: Surroundings) -> Around:
        """See `Layout.fill`."""
        before, after = cut_to(self.vocabulary, around, self.room)
        head = [] if self.start is None else [self.start]
        snippets = self._snippets(around)[: self.room // 2]
        before = before[-max(1, self.room - len(after) - len(snippets)) :]
        return Around([*head, *snippets, *before], [*after, *([] if self.end is None else [self.end])])

    def answer(self, system: str, user: str, start: str) -> Around:
        """See `Layout.answer`."""
        return Around(self.chat.tokens(system, user, start), [], FENCE)

    def _snippets(self, around: Surroundings) -> list[int]:
        encode, mark = self.vocabulary.encode, [] if self.file_sep is None else [self.file_sep]
        tokens: list[int] = []
        for snippet in around.snippets:
            tokens += [*mark, *encode(f"{snippet.path}\n{snippet.text}\n")]
        return [*tokens, *mark, *encode(f"{around.path}\n")] if tokens else []


@dataclass(frozen=True, slots=True)
class SuffixFirst:
    """Suffix, prefix, then the canvas, each behind its marker (SPM, arXiv 2207.14255)."""

    vocabulary: Vocabulary
    chat: Chat
    room: int
    suffix: int
    prefix: int
    middle: int
    start: int | None = None

    def fill(self, around: Surroundings) -> Around:
        """See `Layout.fill`."""
        before, after = cut_to(self.vocabulary, around, self.room)
        shown = "".join(f"{snippet.path}\n{snippet.text}\n" for snippet in around.snippets)
        head = self.vocabulary.encode(shown)[: self.room // 2]
        before = [*head, *before[-max(1, self.room - len(after) - len(head)) :]]
        opening = [] if self.start is None else [self.start]
        return Around([*opening, self.suffix, *after, self.prefix, *before, self.middle], [])

    def answer(self, system: str, user: str, start: str) -> Around:
        """See `Layout.answer`."""
        return Around(self.chat.tokens(system, user, start), [], FENCE)


@dataclass(frozen=True, slots=True)
class Asked:
    """The fill as an answer in a chat: the code with a mark, then the line that the hole stands in again."""

    vocabulary: Vocabulary
    chat: Chat
    room: int

    def fill(self, around: Surroundings) -> Around:
        """See `Layout.fill`. The answer begins with the part of the line that stands before the hole."""
        decode = self.vocabulary.decode
        before, after = (decode(part) for part in cut_to(self.vocabulary, around, self.room))
        language = "" if around.language == "plaintext" else around.language
        shown = "".join(f"{snippet.path}\n```\n{snippet.text}{FENCE}\n" for snippet in around.snippets)
        asked = f"{shown}Write the code that belongs in the place of {MARK}:\n"
        user = f"{asked}```{language}\n{before}{MARK}{after}{FENCE}"
        line = before.rpartition("\n")[2]
        return Around(self.chat.tokens(FILLING, user, f"```{language}\n{line}"), [], FENCE)

    def answer(self, system: str, user: str, start: str) -> Around:
        """See `Layout.answer`."""
        return Around(self.chat.tokens(system, user, start), [], FENCE)


def cut_to(vocabulary: Vocabulary, around: Surroundings, room: int) -> tuple[list[int], list[int]]:
    """Tokens of prefix and suffix; what does not fit is cut from the far ends, a quarter is the suffix's."""
    encode = vocabulary.encode
    after = encode(plain_newlines(around.suffix[: room * _LONGEST]))[: room // 4]
    before = encode(plain_newlines(around.prefix[-room * _LONGEST :]))[-(room - len(after)) :]
    return before, after
