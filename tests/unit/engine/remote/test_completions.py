"""Fills by a server of OpenAI's kind that runs in this process."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from completions import Reply, Stage, sse, text_events

from lsp_server.core.errors import EngineFailed
from lsp_server.core.types import Alternative, Span
from lsp_server.engine.protocol import (
    CellState,
    FillRequest,
    FillResult,
    FrameEvent,
    Hole,
    Question,
    Sampling,
    Snippet,
    Stop,
)
from lsp_server.engine.remote.attempt import UNKNOWN
from lsp_server.engine.remote.completions import CompletionsLink
from lsp_server.engine.remote.dialect import Dialect
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.failures import BadRequest, KeyRefused, Unreachable, Unsupported
from lsp_server.engine.remote.key import Key
from lsp_server.engine.remote.server import Server

pytestmark = pytest.mark.asyncio
TEXT = "def f(a):\n    ret\n\nprint(f(1))\n"
AT = TEXT.index("ret") + 3
HEAD = Hole(AT - 7, AT, locks=(Span(AT - 7, AT),), max_lines=1)
REQUEST = FillRequest(TEXT, (HEAD,), language="python", path="a.py", frames=True, budget_ms=20_000)
QWEN = Dialect.named("auto", "Qwen/Qwen2.5-Coder-7B")


def link(stage: Stage, dialect: Dialect = QWEN, key: Key | None = None) -> CompletionsLink:
    async def no_sleep(_: float) -> None:
        await asyncio.sleep(0)

    server = Server(Endpoint.of(stage.url), key)
    return CompletionsLink(server, dialect, draw=lambda: 0.0, sleep=no_sleep)


async def ask(
    stage: Stage, request: FillRequest = REQUEST, dialect: Dialect = QWEN, frames: list[Any] | None = None
) -> FillResult:
    used = link(stage, dialect, Key("sk-secret", "keyring"))
    try:
        return await used.fill(request, None if frames is None else frames.append)
    finally:
        await used.close()


async def test_a_fill_begins_with_what_is_typed(stage: Stage) -> None:
    """The prompt ends with it, the answer goes on, and the frames grow along."""
    stage.on("/v1/completions", text_events("urn", " a", usage={"prompt_tokens": 30, "completion_tokens": 2}))
    frames: list[FrameEvent] = []
    result = await ask(stage, frames=frames)
    (candidate,) = result.candidates
    assert candidate.fills[0].text == "    return a"
    assert (candidate.fills[0].stop, result.model) == (Stop.END, "Qwen/Qwen2.5-Coder-7B")
    assert (result.figures.context_tokens, result.figures.tokens) == (30, 2)
    (body,) = stage.bodies()
    assert body["prompt"] == f"<|fim_prefix|>{TEXT[: AT - 7]}<|fim_suffix|>{TEXT[AT:]}<|fim_middle|>    ret"
    assert (body["stop"], body["temperature"], body["max_tokens"]) == (["\n"], 0.0, 64)
    assert "suffix" not in body
    assert [[cell.text for cell in frame.cells] for frame in frames] == [
        ["    ret", "urn"],
        ["    ret", "urn a"],
    ]
    assert frames[0].cells[0].state is CellState.LOCKED
    assert stage.seen[0].headers["authorization"] == "Bearer sk-secret"


async def test_probabilities_are_told_or_unknown(stage: Stage) -> None:
    """With them doubts have alternatives; without, there are no pieces and nothing is held back."""
    told = {"tokens": ["urn", " a"], "token_logprobs": [-0.1, -1.0], "top_logprobs": [{}, {" b": -1.2}]}
    stage.on(
        "/v1/completions",
        sse({"choices": [{"text": "urn a", "logprobs": told, "finish_reason": "stop"}]}),
        text_events("urn a"),
    )
    (known,) = (await ask(stage)).candidates
    assert [piece.text for piece in known.fills[0].pieces] == ["    ret", "urn", " a"]
    assert known.fills[0].pieces[2].alternatives == (Alternative(" b", pytest.approx(0.301, abs=1e-3)),)  # type: ignore[arg-type]
    assert known.confidence == pytest.approx((0.905 + 0.368) / 2, abs=1e-3)
    (unknown,) = (await ask(stage)).candidates
    assert (unknown.fills[0].pieces, unknown.confidence) == ((), UNKNOWN)


async def test_the_server_is_stopped_where_the_fill_ends(stage: Stage) -> None:
    """Lines, indentation and what repeats the suffix end it here; the connection is given up."""
    stage.on(
        "/v1/completions",
        Reply(chunks=text_events("urn a\n", "print(f(1))\nmore", "!").chunks[:3], hang=True),
    )
    hole = msgspec.structs.replace(HEAD, max_lines=None, min_indent=4)
    (candidate,) = (await ask(stage, msgspec.structs.replace(REQUEST, holes=(hole,)))).candidates
    assert (candidate.fills[0].text, candidate.fills[0].stop) == ("    return a", Stop.LINES)
    await asyncio.wait_for(stage.gone.wait(), 20)


async def test_time_that_is_up_leaves_what_came(stage: Stage) -> None:
    """Whole lines of it; nothing at all is a failure of the server."""
    request = msgspec.structs.replace(
        REQUEST, budget_ms=300, holes=(msgspec.structs.replace(HEAD, max_lines=None),)
    )
    stage.on("/v1/completions", Reply(chunks=text_events("urn a\n    b").chunks[:1], hang=True))
    (candidate,) = (await ask(stage, request)).candidates
    assert (candidate.fills[0].text, candidate.fills[0].stop) == ("    return a", Stop.BUDGET)
    stage.on("/v1/completions", Reply(chunks=(b": ping\n\n",), hang=True))
    with pytest.raises(Unreachable, match="in time"):
        await ask(stage, request)


@pytest.mark.parametrize(
    ("chunks", "left"),
    [(text_events("urn a\n    b").chunks[:1], "    return a"), ((b": ping\n\n",), "    ret")],
    ids=["a line", "nothing yet"],
)
async def test_what_came_can_be_taken(stage: Stage, chunks: tuple[bytes, ...], left: str) -> None:
    """As if time were up, and to have nothing yet is no failure; another request's name takes nothing."""
    request = msgspec.structs.replace(
        REQUEST, id="mine", holes=(msgspec.structs.replace(HEAD, max_lines=None),)
    )
    stage.on("/v1/completions", Reply(chunks=chunks, hang=True))
    used, frames = link(stage, QWEN), asyncio.Event()
    running = asyncio.ensure_future(used.fill(request, lambda _: frames.set()))
    await asyncio.wait_for(frames.wait() if "return" in left else stage.asked.wait(), 20)
    assert [await used.take(name) for name in ("", "another", "mine")] == [False, False, True]
    (candidate,) = (await asyncio.wait_for(running, 20)).candidates
    assert (candidate.fills[0].text, candidate.fills[0].stop) == (left, Stop.BUDGET)
    assert await used.take("mine") is False
    await used.close()


async def test_marks_of_the_model_are_no_code(stage: Stage) -> None:
    """A fill ends before one, wherever the stream cut it."""
    stage.on("/v1/completions", text_events("urn a", "<|file", "_sep|>b.py", "x"))
    (candidate,) = (await ask(stage)).candidates
    assert candidate.fills[0].text == "    return a"


async def test_cancelling_withdraws(stage: Stage) -> None:
    """The connection is closed, which servers take for an abort."""
    stage.on("/v1/completions", Reply(chunks=(b": ping\n\n",), hang=True))
    task = asyncio.create_task(ask(stage))
    await asyncio.wait_for(stage.asked.wait(), 20)
    task.cancel()
    await asyncio.wait_for(stage.gone.wait(), 20)


async def test_several_candidates_explore(stage: Stage) -> None:
    """All but the first are sampled, with seeds of their own; the same text counts once."""
    stage.on("/v1/completions", *(text_events(text) for text in ("urn a", "urn b", "urn a")))
    result = await ask(stage, msgspec.structs.replace(REQUEST, candidates=3, sampling=Sampling(seed=2)))
    assert {each.fills[0].text for each in result.candidates} == {"    return a", "    return b"}
    asked = sorted((body["temperature"], body["seed"]) for body in stage.bodies())
    assert asked == [(0.0, 2018), (0.7, 2019), (0.7, 2020)]


async def test_rejected_fills_are_sampled_around(stage: Stage) -> None:
    """Up to three tries; none that differs is no candidate."""
    stage.on("/v1/completions", text_events("urn a"), text_events("urn a"), text_events("urn b"))
    avoiding = msgspec.structs.replace(
        REQUEST, holes=(msgspec.structs.replace(HEAD, avoid=("    return a ",)),)
    )
    result = await ask(stage, avoiding)
    assert [each.fills[0].text for each in result.candidates] == ["    return b"]
    assert all(body["temperature"] > 0 for body in stage.bodies())
    stage.on("/v1/completions", text_events("urn a"))
    assert (await ask(stage, avoiding)).candidates == ()


async def test_holes_see_each_others_fills_and_locks_stay(stage: Stage) -> None:
    """From left to right; what is locked inside a hole stands between two gaps."""
    stage.on("/v1/completions", text_events("1"), text_events("2"), text_events("3"))
    text = "a = _\nb = x+y\n"
    holes = (Hole(4, 5), Hole(10, 13, locks=(Span(11, 12),)))
    result = await ask(stage, FillRequest(text, holes, language="python"))
    assert [fill.text for fill in result.candidates[0].fills] == ["1", "2+3"]
    prompts = [body["prompt"] for body in stage.bodies()]
    assert "b = <|fim_suffix|>+" in prompts[1]
    assert "a = 1\nb = 2+<|fim_suffix|>\n" in prompts[2]


async def test_only_a_remask_engine_judges_and_masks_in_part(stage: Stage) -> None:
    """These are refused without being sent; nor is what is only to be read, which has no effect there."""
    in_part = msgspec.structs.replace(HEAD, strength=0.5)
    for request in (
        msgspec.structs.replace(REQUEST, holes=(in_part,)),
        msgspec.structs.replace(REQUEST, questions=(Question(AT, AT, ("x",)),)),
        msgspec.structs.replace(REQUEST, holes=(msgspec.structs.replace(HEAD, in_place=True),)),
    ):
        with pytest.raises(Unsupported):
            await ask(stage, request)
    assert (await ask(stage, msgspec.structs.replace(REQUEST, read_only=True))).candidates == ()
    assert stage.seen == []


async def test_the_suffix_goes_by_itself_where_it_may(stage: Stage) -> None:
    """To servers that declare it, snippets being comments before the prompt."""
    stage.on("/v1/completions", text_events("urn a"))
    request = msgspec.structs.replace(REQUEST, snippets=(Snippet("b.py", "x = 1"),))
    await ask(stage, request, Dialect.named("suffix", "deepseek-chat"))
    (body,) = stage.bodies()
    assert (body["prompt"], body["suffix"]) == (f"# b.py\n# x = 1\n{TEXT[:AT]}", TEXT[AT:])


async def test_inception_is_asked_as_its_description_says(stage: Stage) -> None:
    """Its own route and model, and none of the fields that it does not have."""
    stage.on("/v1/fim/completions", text_events("urn a"))
    result = await ask(stage, REQUEST, Dialect.inception(""))
    assert result.candidates[0].fills[0].text == "    return a"
    (body,) = stage.bodies("/v1/fim/completions")
    assert set(body) == {"model", "prompt", "suffix", "max_tokens", "stop", "stream", "stream_options"}
    assert body["model"] == "mercury-edit-2"


def chat_events(text: str) -> Reply:
    return sse(
        {"choices": [{"delta": {"role": "assistant"}}]},
        {"choices": [{"delta": {"content": text[:5]}}]},
        {"choices": [{"delta": {"content": text[5:]}, "finish_reason": "stop"}]},
    )


async def test_a_rewrite_is_asked_in_chat(stage: Stage) -> None:
    """The code block is the answer, in the indentation of what it replaces, without repeated surroundings."""
    stage.on(
        "/v1/chat/completions",
        chat_events("<think>hm ```no```</think>Sure:\n```python\ndef f(a):\n    return a\n```\nDone."),
    )
    start, end = TEXT.index("    ret"), AT
    request = FillRequest(TEXT, (Hole(start, end),), language="python", instruction="Return a.")
    (candidate,) = (await ask(stage, request)).candidates
    assert candidate.fills[0].text == "    return a"
    (body,) = stage.bodies("/v1/chat/completions")
    assert body["messages"][1]["content"] == "Return a.\n```python\nret\n```"


async def test_a_model_without_middles_is_asked_in_chat(stage: Stage) -> None:
    """It sees the hole marked; the start of the line that it repeats is dropped, the ends are the hole's."""
    stage.on("/v1/chat/completions", chat_events("```python\n    return a\nprint(1)\n```"))
    dialect = Dialect.named("auto", "inclusionAI/LLaDA2.0-mini")
    (candidate,) = (await ask(stage, REQUEST, dialect)).candidates
    assert candidate.fills[0].text == "    return a"
    assert "    ret<HOLE/>\n\nprint" in stage.bodies("/v1/chat/completions")[0]["messages"][1]["content"]


async def test_passing_failures_are_asked_again(stage: Stage) -> None:
    """A server that is overloaded or cut the line before a word came."""
    stage.on(
        "/v1/completions",
        Reply(503, {"error": {"message": "loading"}}),
        Reply(chunks=(b": ping\n\n",), cut=True),
        text_events("urn a"),
    )
    assert (await ask(stage)).candidates[0].fills[0].text == "    return a"
    assert len(stage.seen) == 3


async def test_what_had_begun_is_not_asked_again(stage: Stage) -> None:
    """An answer that broke off would be written twice."""
    stage.on("/v1/completions", Reply(chunks=text_events("ur", "n").chunks[:1], cut=True))
    with pytest.raises(Unreachable):
        await ask(stage)
    assert len(stage.seen) == 1


async def test_fields_that_are_refused_are_left_out(stage: Stage) -> None:
    """By name, from then on; any other refusal is told in the server's words, without the key."""
    refused = Reply(400, {"error": {"message": "logprobs is not supported with this model"}})
    stage.on("/v1/completions", refused, text_events("urn a"), text_events("urn a"))
    used = link(stage)
    for _ in range(2):
        await used.fill(REQUEST, None)
    assert [("logprobs" in body) for body in stage.bodies()] == [True, False, False]
    await used.close()
    stage.on("/v1/completions", Reply(400, {"message": "sk-secret: context length exceeded", "code": 400}))
    with pytest.raises(BadRequest, match="context length") as told:
        await ask(stage)
    assert "sk-secret" not in str(told.value)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key(stage: Stage, status: int) -> None:
    """Is not asked again, and the error says what to do without repeating the key or an echo of it."""
    stage.on("/v1/completions", Reply(status, {"error": {"message": "bad key sk-secret"}}))
    with pytest.raises(KeyRefused) as refused:
        await ask(stage)
    assert "remask remote key" in refused.value.hint
    assert "sk-secret" not in str(refused.value)
    assert len(stage.seen) == 1


async def test_redirects_are_not_followed(stage: Stage) -> None:
    """They could carry code and key to another host."""
    stage.on("/v1/completions", Reply(307, None, headers={"Location": "http://127.0.0.1:9/elsewhere"}))
    with pytest.raises(EngineFailed, match="307"):
        await ask(stage)
    assert len(stage.seen) == 1


async def test_half_a_surrogate_pair_is_not_sent(stage: Stage) -> None:
    """It is no text, and no failure of the server."""
    with pytest.raises(ValueError, match="surrogate"):
        await ask(stage, FillRequest("\ud800", (Hole(1, 1),)))
    assert stage.seen == []
