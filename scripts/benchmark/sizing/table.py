"""Users that a GPU serves, from tokens measured and assumptions stated.

A request is a prefill of its new tokens, bound by arithmetic, and one decoding step for each token of the
fill, bound by reading the weights or by arithmetic, whichever takes longer, shared by all requests in flight
(the roofline of Pope et al., "Efficiently scaling transformer inference", arXiv 2211.05102). Reading
keys and values is left out: of some hundred tokens it is a small part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmark.sizing.measure import Measured

MFU = 0.35
"""Share of the arithmetic that a prefill of some hundred tokens reaches."""
BANDWIDTH_SHARE = 0.6
"""Share of the memory bandwidth that a decoding step reaches."""
LOAD = 0.5
"""Share of the requests a second at which answers would take as long as people wait: bursts need room."""
TYPING = 0.25
"""Share of the users who type at a time."""
PATIENCE_S = 0.4
"""From a request to its last token, without the network."""
WITHDRAWN = 2.0
"""Requests sent for each that is answered, since typing goes on; their prefill is paid all the same."""
MOST_IN_FLIGHT = 256
WEIGHT_BYTES = 2
"""bf16."""
CONTEXT_SHARE = 0.3
"""Of the memory, kept for contexts and the rest."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """Memory in GB, its bandwidth in TB/s, and dense bf16 arithmetic in TFLOP/s, as its maker tells."""

    name: str
    memory: float
    bandwidth: float
    arithmetic: float


@dataclass(frozen=True, slots=True)
class Model:
    """Parameters in thousand millions, and of these the ones that one token uses."""

    name: str
    parameters: float
    active: float


GPUS = (
    Gpu("L4", 24, 0.30, 121),
    Gpu("RTX 4090", 24, 1.01, 165),
    Gpu("L40S", 48, 0.86, 362),
    Gpu("A100 80GB", 80, 2.04, 312),
    Gpu("H100 SXM", 80, 3.35, 989),
    Gpu("H200", 141, 4.8, 989),
)
MODELS = (
    Model("Qwen2.5-Coder-1.5B", 1.5, 1.5),
    Model("Qwen2.5-Coder-7B", 7.6, 7.6),
    Model("Qwen2.5-Coder-32B", 32.8, 32.8),
    Model("Qwen3-Coder-30B-A3B", 30.5, 3.3),
)


def users(gpu: Gpu, model: Model, measured: Measured) -> int | None:
    """People whose editors a GPU can serve; None if the model does not fit, 0 if no answer is in time."""
    if model.parameters * WEIGHT_BYTES > gpu.memory * (1 - CONTEXT_SHARE):
        return None
    prefill_s = 2 * model.active * 1e9 * measured.new_tokens / (gpu.arithmetic * 1e12 * MFU)
    best = 0.0
    for in_flight in range(1, MOST_IN_FLIGHT + 1):
        work_s = WITHDRAWN * prefill_s + measured.fill_tokens * _step_s(gpu, model, in_flight) / in_flight
        if in_flight * work_s > PATIENCE_S:  # Little's law: that long each is under way
            break
        best = LOAD / (work_s * measured.rate * TYPING)
    return int(best)


def _step_s(gpu: Gpu, model: Model, in_flight: int) -> float:
    """One decoding step. Of a mixture, different tokens read different experts, up to all of them."""
    read = min(model.parameters, model.active * in_flight) * 1e9 * WEIGHT_BYTES
    reading = read / (gpu.bandwidth * 1e12 * BANDWIDTH_SHARE)
    computing = 2 * model.active * 1e9 * in_flight / (gpu.arithmetic * 1e12 * MFU)
    return max(reading, computing)


def lines(measured: Measured) -> Iterator[str]:
    """The table in Markdown, with what was measured and assumed."""
    cached = measured.prompt_tokens - measured.new_tokens
    yield (
        f"Measured with {measured.model} on the recorded session of typing: {measured.requests} requests in"
        f" {measured.seconds:.0f} s, {60 * measured.rate:.0f} a minute, after {measured.asked} pauses;"
        f" the others were answered from what was known; {measured.prompt_tokens:.0f} tokens in a prompt,"
        f" {cached:.0f} of them in the server's prefix cache; {measured.fill_tokens:.1f} tokens in a"
        f" fill, {measured.most_fill_tokens} in the longest."
    )
    yield ""
    yield (
        f"Assumed: {TYPING:.0%} of the users type at a time; {WITHDRAWN:g} requests are begun for each that"
        f" is answered; of the requests a second at which answers would take {PATIENCE_S * 1000:.0f} ms on"
        f" the server, {LOAD:.0%} come, so that bursts have room; the GPU reaches {MFU:.0%} of its bf16"
        f" arithmetic and {BANDWIDTH_SHARE:.0%} of its memory bandwidth; weights are bf16 and take"
        f" {1 - CONTEXT_SHARE:.0%} of the memory at most."
    )
    yield ""
    yield "| users per GPU | " + " | ".join(model.name for model in MODELS) + " |"
    yield "| --- |" + " --: |" * len(MODELS)
    for gpu in GPUS:
        yield f"| {gpu.name} | " + " | ".join(_cell(users(gpu, model, measured)) for model in MODELS) + " |"


def _cell(number: int | None) -> str:
    """Two digits of a number, which is more than the assumptions bear."""
    if not number:
        return "does not fit" if number is None else "too slow"
    digits = max(0, len(str(number)) - 2)
    return f"{number // 10**digits * 10**digits:,}"
