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
from collections.abc import Sequence
from typing import Any, TypeAlias

Llama: TypeAlias = Any
"""`llama_cpp.Llama`, which is not installed where types are checked."""

CONTEXT = 8192
"""Tokens; none of our prompts is longer."""
BATCH = 512
"""Tokens read at once: llama.cpp's default, and not slower here than any other."""


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


def fill(llama: Llama, prefix: str, suffix: str, max_tokens: int) -> dict[str, Any]:
    """Greedy tokens up to the first line break or the model's own end.

    `generate` keeps what the last prompt and this one share in its cache. It is
    quicker than `create_completion`, which decodes the whole text again at each token.
    """
    import llama_cpp

    started = time.perf_counter()
    prompt = fim_tokens(llama, prefix, suffix)
    cached = _shared(llama, prompt)
    vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
    text, count = b"", 0
    for token in llama.generate(prompt, temp=0.0, repeat_penalty=1.0):
        count += 1
        if llama_cpp.llama_vocab_is_eog(vocabulary, token):
            break
        text += llama.detokenize([token], special=False)
        if b"\n" in text or count >= max_tokens:
            break
    return {
        "text": text.partition(b"\n")[0].decode("utf-8", "replace"),
        "ms": (time.perf_counter() - started) * 1000,
        "tokens": count,
        "forwards": count - 1,  # the first token comes from reading the context
        "context": len(prompt),
        "cached": cached,
    }


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
        answer = llama.reset() if request["do"] == "forget" else fill(llama, **request["with"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
