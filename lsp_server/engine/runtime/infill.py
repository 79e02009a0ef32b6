"""llama.cpp's `/infill`, as llama.vim and llama.vscode speak it, on top of fills.

https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md, "POST /infill". Differences:
decoding is greedy unless a temperature is given, answers are never streamed, and fields not
named here are ignored.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import FillRequest, FillResult, Hole, HoleFill, Sampling, Snippet, Stop
from lsp_server.engine.runtime.openai import cut_at

MOST_TOKENS = 4096
MOST_BUDGET_MS = 600_000
EXTRA_CHARS = 2_000
"""Characters of other chunks that are shown. Plugins send many, for GPUs that read them in no time."""
Milliseconds = Annotated[int, msgspec.Meta(ge=0)]


class Extra(msgspec.Struct, frozen=True):
    """A piece of another place."""

    text: str
    filename: str = ""


class InfillRequest(msgspec.Struct, frozen=True):
    """The body of a request.

    The gap lies behind `input_prefix` and `prompt`, which is what is typed of the line, and
    before `input_suffix`. `n_predict` counts tokens: 0 asks to read the context only, -1 sets no
    limit. `n_indent` is the least indentation, in characters. Times are in milliseconds.
    """

    input_prefix: str = ""
    input_suffix: str = ""
    input_extra: tuple[Extra, ...] = ()
    prompt: str = ""
    n_predict: int | None = None
    n_indent: Annotated[int, msgspec.Meta(ge=0)] | None = None
    n_cmpl: Annotated[int, msgspec.Meta(ge=1, le=8)] | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0.0, le=4.0)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=-1, le=2**53)] | None = None
    stop: Annotated[tuple[str, ...], msgspec.Meta(max_length=16)] = ()
    t_max_prompt_ms: Milliseconds | None = None
    t_max_predict_ms: Milliseconds | None = None
    id_slot: int = -1

    @property
    def idle(self) -> bool:
        """Whether nothing is to be written: the context of the next request will be read with it."""
        return self.n_predict == 0

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop strings, without empty ones."""
        return tuple(stop for stop in self.stop if stop)

    def fill_request(self) -> FillRequest:
        """One empty hole behind what is typed; a newer request of the same slot withdraws it."""
        left = self.input_prefix + self.prompt
        hole = Hole(
            start=len(left),
            end=len(left),
            max_lines=1 if "\n" in self.stops else None,
            min_indent=self.n_indent or None,
        )
        if self.n_predict is not None and self.n_predict > 0:
            hole = msgspec.structs.replace(hole, max_tokens=min(self.n_predict, MOST_TOKENS))
        return FillRequest(
            text=left + self.input_suffix,
            holes=(hole,),
            client="infill",
            document=f"slot {self.id_slot}" if self.id_slot >= 0 else "",
            snippets=tuple(self._snippets()),
            sampling=Sampling(temperature=self.temperature or 0.0, seed=max(0, self.seed or 0)),
            candidates=self.n_cmpl or 1,
            budget_ms=self._budget_ms(),
        )

    def _snippets(self) -> list[Snippet]:
        """The chunks that fit, from the end, where plugins put the newest."""
        shown: list[Snippet] = []
        left = EXTRA_CHARS
        for extra in reversed(self.input_extra):
            left -= len(extra.text)
            if left < 0:
                break
            shown.insert(0, Snippet(extra.filename, extra.text))
        return shown

    def _budget_ms(self) -> int | None:
        """Reading and writing together, since one time is measured over both."""
        if not self.t_max_predict_ms:
            return None
        return min(self.t_max_predict_ms + (self.t_max_prompt_ms or 0), MOST_BUDGET_MS)


class Infill(msgspec.Struct, frozen=True):
    """The answer's body."""

    content: str
    model: str
    index: int = 0
    tokens_predicted: int = 0
    tokens_evaluated: int = 0
    tokens_cached: int = 0
    stop: bool = True
    stop_type: str = "eos"
    truncated: bool = False


def answer_of(request: InfillRequest, result: FillResult, model: str) -> Infill | list[Infill]:
    """The best fill, or a list of all if more than one was asked for."""
    found = [
        _body(request, candidate.fills[0], index, result.figures, model)
        for index, candidate in enumerate(result.candidates)
    ]
    if (request.n_cmpl or 1) > 1:
        return found
    return found[0] if found else Infill("", model)


def _body(request: InfillRequest, fill: HoleFill, index: int, figures: FillFigures, model: str) -> Infill:
    text = cut_at(fill.text, request.stops)
    stopped = len(text) < len(fill.text)
    ended = "word" if stopped else "limit" if fill.stop in {Stop.LENGTH, Stop.BUDGET} else "eos"
    if fill.stop is Stop.BUDGET and "\n" in text:
        text = text.rpartition("\n")[0]
    return Infill(
        content=text,
        model=model,
        index=index,
        tokens_predicted=figures.tokens,
        tokens_evaluated=figures.context_tokens,
        tokens_cached=figures.cached_tokens,
        stop_type=ended,
    )
