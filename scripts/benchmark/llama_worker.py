"""The process in which llama.cpp computes: a JSON request a line on stdin, a JSON answer a line on stdout.

A process of its own, so that its OpenMP threads and torch's never wait for each other.
It needs llama-cpp-python and the standard library, nothing else.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Llama: TypeAlias = Any
"""`llama_cpp.Llama`, which is not installed where types are checked."""

CONTEXT = 8192
"""Tokens; none of our prompts is longer."""
BATCH = 512
"""Tokens read at once: llama.cpp's default, and not slower here than any other."""
LEAST_REPEATED = 8
"""Characters of a line that, written again, ends a fill; less is alike by chance."""


def load(path: str, threads: int) -> Llama:
    """The model, set up as llama.cpp is fastest for one short completion at a time."""
    import llama_cpp

    return llama_cpp.Llama(
        path,
        n_ctx=CONTEXT,
        n_batch=BATCH,
        n_ubatch=BATCH,
        n_threads=threads,
        n_threads_batch=threads,
        flash_attn=True,
        verbose=False,
    )


def fim_tokens(llama: Llama, prefix: str, suffix: str) -> list[int]:
    """The prompt, in the layout and with the tokens that Remask's default family uses."""

    def plain(text: str) -> list[int]:
        return list(llama.tokenize(text.encode(), add_bos=False, special=False))

    def special(name: str) -> list[int]:
        return list(llama.tokenize(name.encode(), add_bos=False, special=True))

    return [
        *special("<|fim_prefix|>"),
        *plain(prefix),
        *special("<|fim_suffix|>"),
        *plain(suffix),
        *special("<|fim_middle|>"),
    ]


def chat_tokens(llama: Llama, turns: Sequence[tuple[str, str]]) -> list[int]:
    """The prompt in ChatML, as Remask's default family lays it out; the last turn is left open."""

    def plain(text: str) -> list[int]:
        return list(llama.tokenize(text.encode(), add_bos=False, special=False))

    def special(name: str) -> list[int]:
        return list(llama.tokenize(name.encode(), add_bos=False, special=True))

    start, end = special("<|im_start|>"), special("<|im_end|>")
    tokens: list[int] = []
    for role, text in turns[:-1]:
        tokens += [*start, *plain(f"{role}\n{text}"), *end, *plain("\n")]
    role, text = turns[-1]
    return [*tokens, *start, *plain(f"{role}\n{text}")]


def fill(
    llama: Llama,
    prompt: Sequence[int],
    max_tokens: int,
    ended: Callable[[str], int | None],
) -> dict[str, Any]:
    """Greedy tokens up to the model's own end, or to where `ended` says that the text has ended.

    `generate` keeps what the last prompt and this one share in its cache. It is
    quicker than `create_completion`, which decodes the whole text again at each token.
    """
    import llama_cpp

    started = time.perf_counter()
    cached = _shared(llama, prompt)
    vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
    text, count, end = b"", 0, None
    for token in llama.generate(prompt, temp=0.0, repeat_penalty=1.0):
        count += 1
        if llama_cpp.llama_vocab_is_eog(vocabulary, token):
            break
        text += llama.detokenize([token], special=False)
        end = ended(text.decode("utf-8", "replace"))
        if end is not None or count >= max_tokens:
            break
    return {
        "text": text.decode("utf-8", "replace")[:end],
        "ms": (time.perf_counter() - started) * 1000,
        "tokens": count,
        "forwards": count - 1,  # the first token comes from reading the context
        "context": len(prompt),
        "cached": cached,
    }


def answered(
    llama: Llama,
    *,
    max_tokens: int,
    prefix: str = "",
    suffix: str = "",
    turns: Sequence[tuple[str, str]] = (),
    **limits: Any,  # noqa: ANN401 -- as `end_of` takes them
) -> dict[str, Any]:
    """The fill between `prefix` and `suffix`, or a chat's next turn; tokenising is timed too."""
    started = time.perf_counter()
    prompt = chat_tokens(llama, turns) if turns else fim_tokens(llama, prefix, suffix)
    spent = time.perf_counter() - started
    behind = "" if turns else suffix
    answer = fill(llama, prompt, max_tokens, lambda text: end_of(text, behind=behind, **limits))
    answer["ms"] += spent * 1000
    return answer


def end_of(
    text: str,
    *,
    max_lines: int | None = None,
    min_indent: int = 0,
    marker: str = "",
    behind: str = "",
    skip_blank: bool = False,
) -> int | None:
    """The length at which `text` has ended, or None while it may go on.

    As Remask's engine has it: after `max_lines` lines, before a line indented by fewer than
    `min_indent` characters, before `marker`, and, of several lines, before one that stands
    right behind the hole already. With `skip_blank`, blank lines at the start do not count.
    """
    lead = len(text) - len(text.lstrip("\n")) if skip_blank else 0
    cuts = [_line_end(text, lead, max_lines), text.find(marker) if marker else -1]
    if max_lines != 1:
        there = next((line for line in behind.split("\n") if line.strip()), "").rstrip()
        start = text.find("\n") + 1
        while start > 0:
            line, line_break, _ = text[start:].partition("\n")
            shallow = line.strip() and len(line) - len(line.lstrip()) < min_indent
            repeats = line_break and len(there.strip()) >= LEAST_REPEATED and line.rstrip() == there
            if shallow or repeats:
                cuts.append(len(text[:start].rstrip()))
            start = text.find("\n", start) + 1
    return min((cut for cut in cuts if cut >= 0), default=None)


def _line_end(text: str, start: int, lines: int | None) -> int:
    """Where the last of so many lines from `start` on ends, or -1."""
    at = start - 1
    for _ in range(lines or 0):
        at = text.find("\n", at + 1)
        if at < 0:
            return -1
    return at if lines else -1


def _shared(llama: Llama, prompt: Sequence[int]) -> int:
    """How many leading tokens of the prompt the cache holds."""
    known = llama.input_ids[: llama.n_tokens].tolist()
    agreeing = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(known, prompt, strict=False))
    return sum(1 for _ in agreeing)


def main() -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    # what native code prints must not get between the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import llama_cpp

    llama = load(options.model, options.threads)
    system = llama_cpp.llama_print_system_info().decode()
    print(json.dumps({"version": llama_cpp.__version__, "system": system}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = llama.reset() if request["do"] == "forget" else answered(llama, **request["with"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
