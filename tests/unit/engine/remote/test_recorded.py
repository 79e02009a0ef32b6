"""Real answers, byte for byte: vLLM 0.32.0 on a processor with Qwen2.5-Coder-0.5B; others as documented.

SGLang's stream is as `python/sglang/srt/entrypoints/openai/serving_completions.py` writes it, Inception's
as its OpenAPI description has it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from completions import Reply, Stage, sse

from lsp_server.core.settings import EngineSettings
from lsp_server.core.types import Span
from lsp_server.engine.protocol import FillRequest, FillResult, Hole, Stop
from lsp_server.engine.remote.connect import connect
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.failures import Hopeless, KeyRefused, refusal

RECORDED = Path(__file__).parents[3] / "data" / "remote"
TEXT = "def f(a, b):\n    ret\n\nprint(f(1, 2))\n"
AT = TEXT.index("ret") + 3
REQUEST = FillRequest(TEXT, (Hole(AT - 3, AT, locks=(Span(AT - 3, AT),), max_lines=1),), language="python")


def recorded(name: str) -> bytes:
    return (RECORDED / name).read_bytes()


async def filled(stage: Stage, request: FillRequest = REQUEST, **settings: str) -> FillResult:
    found = await connect(Endpoint.of(stage.url), EngineSettings(**settings), find_key=lambda _: None)  # type: ignore[arg-type]
    try:
        return await found.link.fill(request, None)
    finally:
        await found.link.close()


@pytest.mark.asyncio
async def test_vllm_fills(stage: Stage) -> None:
    """What half a word becomes, each token's probability, and the cost; the stop's token is none of it."""
    stage.on("/v1/models", Reply(body=json.loads(recorded("vllm-models.json"))))
    stage.on("/v1/completions", Reply(chunks=(recorded("vllm-completion.sse"),)))
    result = await filled(stage)
    (fill,) = result.candidates[0].fills
    assert (fill.text, fill.stop) == ("return a + b", Stop.END)
    assert [piece.text for piece in fill.pieces] == ["ret", "urn", " a", " +", " b"]
    assert [round(piece.confidence, 2) for piece in fill.pieces] == [1.0, 0.99, 0.78, 0.58, 0.99]
    assert (result.figures.context_tokens, result.figures.tokens) == (20, 5)
    assert result.model == "qwen2.5-coder-0.5b"


@pytest.mark.asyncio
async def test_vllm_rewrites(stage: Stage) -> None:
    """Its chat, which sends a role first and the usage last."""
    stage.on("/v1/models", Reply(body=json.loads(recorded("vllm-models.json"))))
    stage.on("/v1/chat/completions", Reply(chunks=(recorded("vllm-chat.sse"),)))
    text = "def f(a):\n    pass\n"
    request = FillRequest(text, (Hole(0, len(text)),), language="python", instruction="Return a.")
    (fill,) = (await filled(stage, request)).candidates[0].fills
    assert fill.text == "def f(a):\n    return a\n"


def test_vllm_refuses() -> None:
    """Its three shapes of an error are understood."""
    assert isinstance(refusal("h", 401, recorded("vllm-401.json")), KeyRefused)
    missing = refusal("h", 404, recorded("vllm-404.json"))
    assert isinstance(missing, Hopeless)
    assert "The model `nope` does not exist" in missing.args[0]
    assert (
        "suffix is only supported for models" in refusal("h", 400, recorded("vllm-400-suffix.json")).args[0]
    )


@pytest.mark.asyncio
async def test_sglang_fills(stage: Stage) -> None:
    """`matched_stop`, null probabilities of a piece without tokens, and the usage at the end."""
    told = {"text_offset": [], "token_logprobs": [-0.1], "tokens": ["urn"], "top_logprobs": [{"urn": -0.1}]}
    base = {"id": "x", "object": "text_completion", "created": 1, "model": "m"}
    piece = {"index": 0, "text": "urn", "logprobs": told, "finish_reason": None, "matched_stop": None}
    end = {"index": 0, "text": "", "logprobs": None, "finish_reason": "stop", "matched_stop": "\n"}
    usage = {
        "prompt_tokens": 20,
        "total_tokens": 22,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 16},
    }
    stage.on("/health", Reply(body=None))
    stage.models("Qwen/Qwen2.5-Coder-7B", owned_by="sglang", root="Qwen/Qwen2.5-Coder-7B")
    stage.on(
        "/v1/completions",
        sse(base | {"choices": [piece]}, base | {"choices": [end]}, base | {"choices": [], "usage": usage}),
    )
    result = await filled(stage)
    assert result.candidates[0].fills[0].text == "return"
    assert [piece.text for piece in result.candidates[0].fills[0].pieces] == ["ret", "urn"]
    assert (result.figures.context_tokens, result.figures.cached_tokens) == (20, 16)


@pytest.mark.asyncio
async def test_inception_fills(stage: Stage) -> None:
    """A whole body, as where nothing is streamed: no probabilities, and a usage of its own."""
    body = {
        "id": "cmpl-7a2b3c4d5e",
        "object": "text_completion",
        "created": 1745798400,
        "model": "mercury-edit-2",
        "choices": [{"index": 0, "finish_reason": "stop", "text": "urn a + b"}],
        "usage": {
            "prompt_tokens": 24,
            "completion_tokens": 14,
            "total_tokens": 38,
            "reasoning_tokens": 0,
            "cached_input_tokens": 8,
        },
    }
    stage.on("/v1/fim/completions", Reply(body=body))
    result = await filled(stage, kind="inception")
    assert result.candidates[0].fills[0].text == "return a + b"
    assert result.candidates[0].fills[0].pieces == ()
    assert (result.figures.cached_tokens, result.figures.tokens, result.model) == (8, 14, "mercury-edit-2")


@pytest.mark.parametrize(
    ("status", "code", "hopeless"),
    [(401, "invalid_api_key", True), (402, "account_error", True), (429, "rate_limit_reached", False)],
)
def test_inception_refuses(status: int, code: str, hopeless: bool) -> None:
    """What asking again does not help is told apart from what it does."""
    body = {"error": {"message": "Rate limit exceeded.", "type": "t", "param": None, "code": code}}
    assert isinstance(refusal("h", status, json.dumps(body).encode()), Hopeless) is hopeless
