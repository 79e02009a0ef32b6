from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import msgspec
import pytest
from standin import Rule, Rules, StandinFiller, error_for
from starlette.types import Message

from lsp_server.core.cancel import CancelToken
from lsp_server.engine.protocol import (
    DoneEvent,
    ErrorEvent,
    Event,
    FillRequest,
    FrameEvent,
    Health,
    Hole,
    Stop,
)
from lsp_server.engine.runtime.filler import Filler, LoadFiller, OnProgress
from lsp_server.engine.runtime.http import Api, application, create_app
from lsp_server.engine.runtime.idle import Idle
from lsp_server.engine.runtime.limits import Limits
from lsp_server.engine.runtime.scheduler import Scheduler
from lsp_server.engine.runtime.worker import Worker

TOKEN = "right"
PATIENCE = 20


@dataclass
class Engine:
    """The application around a stand-in, without a socket."""

    load: LoadFiller
    scheduler: Scheduler = field(default_factory=lambda: Scheduler(capacity=2))
    idle: Idle = field(default_factory=lambda: Idle(1))

    def __post_init__(self) -> None:
        self.worker = Worker(self.scheduler, self.load, "m")
        self.app = create_app(
            scheduler=self.scheduler, worker=self.worker, model="m", token=TOKEN, idle=self.idle
        )

    def client(self, token: str | None = TOKEN, base_url: str = "http://127.0.0.1:5") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=base_url, headers=headers, timeout=PATIENCE
        )

    async def post(self, path: str, content: object) -> httpx.Response:
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        async with self.client() as client:
            return await client.post(path, content=body)

    async def get(self, path: str) -> httpx.Response:
        async with self.client() as client:
            return await client.get(path)


@contextmanager
def running(*rules: Rule, load: LoadFiller | None = None, **filler: object) -> Iterator[Engine]:
    """An engine whose worker has started; ended and waited for afterwards."""
    standin = StandinFiller(read=lambda: Rules(rules=rules), **filler)  # type: ignore[arg-type]
    engine = Engine(load or (lambda model, on_progress: standin))
    engine.worker.start()
    try:
        yield engine
    finally:
        engine.scheduler.close()
        assert engine.worker.join(PATIENCE)


def fill_request(**changes: object) -> dict[str, object]:
    return {"text": "a = ", "holes": [{"start": 4, "end": 4}]} | changes


def events_of(response: httpx.Response) -> list[Event]:
    return [msgspec.json.decode(line, type=Event) for line in response.content.splitlines()]


@pytest.mark.asyncio
async def test_a_fill_is_a_line_for_each_event() -> None:
    """Frames first, then the result, as NDJSON."""
    with running(Rule(fill="1 + 1")) as engine:
        response = await engine.post("/v1/fill", fill_request(frames=True))
    assert response.headers["content-type"].startswith("application/x-ndjson")
    events = events_of(response)
    assert [type(event) for event in events] == [FrameEvent] * 3 + [DoneEvent]
    last = events[-1]
    assert isinstance(last, DoneEvent)
    assert last.result.candidates[0].fills[0].text == "1 + 1"


@pytest.mark.asyncio
@pytest.mark.parametrize("code", ["bad-input", "model-missing", "failed"])
async def test_a_fill_that_fails_ends_in_an_error_event(code: str) -> None:
    """The stream itself is fine."""
    with running(Rule(error=code)) as engine:
        response = await engine.post("/v1/fill", fill_request())
    assert response.status_code == 200
    (event,) = events_of(response)
    assert isinstance(event, ErrorEvent)
    assert event.code == code


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/fill", b"", "truncated"),
        ("/v1/fill", b"{", "truncated"),
        ("/v1/fill", b"\xff\xfe", "malformed"),
        ("/v1/fill", b"[]", "Expected `object`"),
        ("/v1/fill", b"null", "Expected `object`"),
        ("/v1/fill", {"holes": []}, "missing required field `text`"),
        ("/v1/fill", fill_request(holes=[]), "at least one hole"),
        ("/v1/fill", fill_request(holes=[{"start": -1, "end": 0}]), ">= 0"),
        ("/v1/fill", fill_request(holes=[{"start": 0, "end": 2**40}]), "<= 2147483648"),
        ("/v1/fill", fill_request(holes=[{"start": 3, "end": 9}]), "leaves the text"),
        ("/v1/fill", fill_request(holes=[{"start": 1, "end": 0}]), "overlaps another or leaves"),
        ("/v1/fill", fill_request(budget_ms=0), "`$.budget_ms`"),
        ("/v1/fill", fill_request(text=None), "`$.text`"),
        ("/v1/completions", {}, "missing required field `prompt`"),
        ("/v1/completions", {"prompt": ["a"]}, "Expected `str`, got `array`"),
        ("/v1/completions", {"prompt": "a", "max_tokens": -1}, "`$.max_tokens`"),
        ("/v1/completions", {"prompt": "a", "temperature": 9}, "`$.temperature`"),
        ("/v1/completions", {"prompt": "a", "n": 100}, "`$.n`"),
        ("/v1/completions", {"prompt": "a", "stop": ["x"] * 17}, "`$.stop`"),
        ("/v1/completions", b'{"prompt": "\\udc00"}', "surrogate"),
        ("/infill", b"[]", "Expected `object`"),
        ("/infill", {"input_extra": [{}]}, "missing required field `text`"),
        ("/infill", {"n_cmpl": 99}, "`$.n_cmpl`"),
    ],
)
async def test_bad_bodies_are_refused(path: str, body: object, said: str) -> None:
    """400 in OpenAI's shape, saying which field and why; the model is not asked."""
    with running() as engine:
        response = await engine.post(path, body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert said in error["message"]


@pytest.mark.asyncio
async def test_a_body_that_is_too_large_is_refused() -> None:
    """413 as soon as the limit is passed, whatever the length that was announced."""
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 100
            yield b" " * 100

    with running() as engine:
        engine.app = application(Api(engine.scheduler, engine.worker, "m", 0, Limits(body=1000)), [])
        async with engine.client() as client:
            response = await client.post("/v1/fill", content=body())
    assert response.status_code == 413
    assert read <= 1200


@pytest.mark.asyncio
@pytest.mark.parametrize("token", [None, "", "wrong", "righ", "right ", "r\xefght"])
@pytest.mark.parametrize("path", ["/v1/models", "/v1/fill", "/v1/completions", "/nothing"])
async def test_without_the_token_there_is_nothing(path: str, token: str | None) -> None:
    """401, also for what does not exist."""
    with running() as engine:
        async with engine.client(None) as client:
            given = {} if token is None else {"Authorization": f"Bearer {token}".encode("latin-1")}
            response = await client.request("POST" if path == "/v1/fill" else "GET", path, headers=given)
    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:5", 200),
        ("localhost:5", 200),
        ("LOCALHOST", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example:5", 400),
        ("", 400),
    ],
)
async def test_only_loopback_names_are_answered(host: str, status: int) -> None:
    """A web page whose name was pointed at loopback (DNS rebinding) gets nothing, even with the token."""
    with running() as engine:
        async with engine.client() as client:
            response = await client.get("/health", headers={"Host": host})
    assert response.status_code == status


@pytest.mark.asyncio
async def test_no_web_page_is_let_in() -> None:
    """No CORS headers, and a preflight is refused."""
    with running() as engine:
        async with engine.client(None) as client:
            asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
            preflight = await client.options("/v1/fill", headers=asked)
            simple = await client.get("/health", headers=asked)
    assert preflight.status_code == 401
    for response in (preflight, simple):
        assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.asyncio
async def test_health_tells_strangers_the_state_only() -> None:
    """Everything else needs the token, and a wrong one is refused."""
    with running() as engine:
        await engine.post("/v1/fill", fill_request())
        async with engine.client(None) as client:
            assert (await client.get("/health")).json() == {"state": "ready"}
        async with engine.client("wrong") as client:
            assert (await client.get("/health")).status_code == 401
        health = msgspec.json.decode((await engine.get("/health")).content, type=Health)
    assert (health.state, health.model, health.backend, health.pid) == (
        "ready",
        "standin",
        "standin",
        os.getpid(),
    )
    assert health.memory_mib > 0


@pytest.mark.asyncio
async def test_health_answers_while_loading() -> None:
    """With the share that is done; a fill that comes meanwhile is answered afterwards."""
    told, proceed = threading.Event(), threading.Event()

    def load(model: str, on_progress: OnProgress) -> Filler:
        on_progress(0.5, "packing")
        told.set()
        proceed.wait(PATIENCE)
        return StandinFiller()

    with running(load=load) as engine:
        assert await asyncio.to_thread(told.wait, PATIENCE)
        loading = (await engine.get("/health")).json()
        fill = asyncio.create_task(engine.post("/v1/fill", fill_request()))
        proceed.set()
        assert isinstance(events_of(await fill)[-1], DoneEvent)
    assert (loading["state"], loading["progress"], loading["message"]) == ("loading", 0.5, "packing")


@pytest.mark.asyncio
@pytest.mark.parametrize("code", ["model-missing", "model-corrupt"])
async def test_a_model_that_is_not_there_is_told_everywhere(code: str) -> None:
    """Health, fills and completions carry the same message and hint."""

    def load(model: str, on_progress: OnProgress) -> Filler:
        raise error_for(code)

    with running(load=load) as engine:
        fill = await engine.post("/v1/fill", fill_request())
        completion = await engine.post("/v1/completions", {"prompt": "a"})
        health = (await engine.get("/health")).json()
    (event,) = events_of(fill)
    assert isinstance(event, ErrorEvent)
    assert event.code == code
    assert (health["state"], health["message"], health["hint"]) == ("failed", event.message, event.hint)
    assert completion.status_code == 503
    error = completion.json()["error"]
    assert (error["code"], error["message"], error["hint"]) == (code, event.message, event.hint)


@pytest.mark.asyncio
async def test_completions_answer_as_openai_does() -> None:
    """The hole lies between prompt and suffix; text, reason and usage come back."""
    with running(Rule(before="a = ", after="\nb", fill="1")) as engine:
        response = await engine.post("/v1/completions", {"prompt": "a = ", "suffix": "\nb", "model": "any"})
    body = response.json()
    assert body["object"] == "text_completion"
    assert body["model"] == "m"
    assert [(each["text"], each["finish_reason"]) for each in body["choices"]] == [("1", "stop")]
    assert body["usage"] == {"prompt_tokens": 6, "completion_tokens": 1, "total_tokens": 7}


@pytest.mark.asyncio
async def test_several_choices() -> None:
    """`n` asks for as many candidates."""
    with running(Rule(candidates=("1", "2", "3"))) as engine:
        response = await engine.post("/v1/completions", {"prompt": "a", "n": 2})
    assert [(each["index"], each["text"]) for each in response.json()["choices"]] == [(0, "1"), (1, "2")]


@pytest.mark.asyncio
@pytest.mark.parametrize("n", [1, 2])
async def test_a_completion_stream_ends_in_done(n: int) -> None:
    """Pieces make up the text, the last one has reason and usage, then `[DONE]`."""
    with running(Rule(fill="x = 1\ny = 2\n")) as engine:
        response = await engine.post("/v1/completions", {"prompt": "1", "stream": True, "n": n})
    assert response.headers["content-type"].startswith("text/event-stream")
    *pieces, done, end = response.text.split("\n\n")
    assert (done, end) == ("data: [DONE]", "")
    bodies = [msgspec.json.decode(piece.removeprefix("data: ")) for piece in pieces]
    assert "".join(body["choices"][0]["text"] for body in bodies) == "x = 1\ny = 2\n"
    assert len(bodies) == (1 if n == 2 else 3)
    assert bodies[-1]["choices"][0]["finish_reason"] == "stop"
    assert bodies[-1]["usage"]["total_tokens"]


@pytest.mark.asyncio
async def test_an_error_in_a_completion_stream_is_an_event() -> None:
    """And the stream still ends as it should."""
    with running(Rule(error="failed")) as engine:
        response = await engine.post("/v1/completions", {"prompt": "a", "stream": True})
    first, *rest = response.text.split("\n\n")
    assert msgspec.json.decode(first.removeprefix("data: "))["error"]["code"] == "failed"
    assert rest == ["data: [DONE]", ""]


@pytest.mark.asyncio
async def test_models_lists_the_one() -> None:
    """In OpenAI's shape."""
    with running() as engine:
        body = (await engine.get("/v1/models")).json()
    assert body["object"] == "list"
    assert [(each["id"], each["object"], each["owned_by"]) for each in body["data"]] == [
        ("m", "model", "remask")
    ]


class Line:
    """One request straight to the application, whose client can hang up."""

    def __init__(self, engine: Engine, path: str, body: object) -> None:
        self.gone = asyncio.Event()
        self.sent: list[Message] = []
        self._body = msgspec.json.encode(body)
        self._scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {TOKEN}".encode())],
        }
        self.task = asyncio.create_task(engine.app(self._scope, self._receive, self._send))

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None  # type: ignore[assignment]
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/fill", fill_request()),
        ("/v1/completions", {"prompt": "a"}),
        ("/v1/completions", {"prompt": "a", "stream": True}),
    ],
)
async def test_hanging_up_withdraws_the_request(path: str, body: object) -> None:
    """The fill stops between two steps, the idle counter counts it as over, the worker goes on."""
    started, stopped = threading.Event(), threading.Event()

    def wait(seconds: float, cancel: CancelToken, deadline: float | None) -> None:
        if seconds:
            started.set()
            while not cancel.cancelled:
                stopped.wait(0.001)
            stopped.set()

    with running(Rule(before="= ", delay_ms=1), Rule(before="a", delay_ms=1), wait=wait) as engine:
        line = Line(engine, path, body)
        assert await asyncio.to_thread(started.wait, PATIENCE)
        line.gone.set()
        await asyncio.wait_for(line.task, PATIENCE)
        assert await asyncio.to_thread(stopped.wait, PATIENCE)
        assert engine.idle._open == 0
        after = await engine.post("/v1/fill", {"text": "", "holes": [{"start": 0, "end": 0}]})
        assert isinstance(events_of(after)[-1], DoneEvent)


@pytest.mark.asyncio
async def test_a_fill_under_way_is_taken() -> None:
    """It ends with what was committed when that was asked for; a name that is not known takes nothing."""
    begun = threading.Event()

    def wait(seconds: float, cancel: CancelToken, deadline: float | None) -> None:
        if seconds:
            begun.set()
            while not (cancel.taken or cancel.cancelled):
                threading.Event().wait(0.001)

    with running(Rule(fill="one two", step_ms=1), wait=wait) as engine:
        filling = asyncio.create_task(engine.post("/v1/fill", fill_request(id="mine")))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        answers = [await engine.post("/v1/take", {"id": name}) for name in ("", "another", "mine")]
        assert [answer.json()["taken"] for answer in answers] == [False, False, True]
        last = events_of(await filling)[-1]
    assert isinstance(last, DoneEvent)
    (fill,) = last.result.candidates[0].fills
    assert (fill.text, fill.stop) == ("one", Stop.BUDGET)


@pytest.mark.asyncio
async def test_a_full_queue_is_unavailable() -> None:
    """503 with a hint, and those that wait are not touched."""
    engine = Engine(lambda model, on_progress: StandinFiller())
    request = FillRequest("", (Hole(0, 0),))
    for _ in range(2):
        engine.scheduler.submit(request, lambda _: None)
    for path, body in (("/v1/fill", fill_request()), ("/v1/completions", {"prompt": "a"})):
        response = await engine.post(path, body)
        assert response.status_code == 503
        assert "2 requests waiting" in response.json()["error"]["message"]
    assert engine.scheduler.waiting == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/fill", 405), ("GET", "/docs", 404)])
async def test_what_is_not_there_is_refused_in_the_same_shape(method: str, path: str, status: int) -> None:
    """Clients can read every error the same way."""
    with running() as engine:
        async with engine.client() as client:
            response = await client.request(method, path)
    assert response.status_code == status
    assert response.json()["error"]["message"]


LLAMA_VIM = {
    "id_slot": 0,
    "input_prefix": "def area(width, height):\n",
    "input_suffix": "\n",
    "input_extra": [{"filename": "b.py", "text": "side = 2\n", "time": [1, 2]}],
    "prompt": "    return ",
    "n_predict": 128,
    "stop": [],
    "n_indent": 4,
    "top_k": 40,
    "top_p": 0.9,
    "samplers": ["top_k", "top_p", "infill"],
    "stream": False,
    "cache_prompt": True,
    "t_max_prompt_ms": 500,
    "t_max_predict_ms": 250,
    "response_fields": ["content", "timings/prompt_n", "truncated", "tokens_cached"],
}
"""What llama.vim sends."""


@pytest.mark.asyncio
async def test_infill_answers_as_llama_cpp() -> None:
    """Prefix, typed line and suffix become one hole; llama.vim looks for the bytes of the field's name."""
    with running(Rule(before="return ", after="\n", fill="width * height")) as engine:
        response = await engine.post("/infill", LLAMA_VIM)
    assert b'"content":"width * height"' in response.content
    assert response.json()["truncated"] is False


@pytest.mark.asyncio
async def test_infill_warms_up_for_free() -> None:
    """A request for no tokens is answered at once, without the model."""
    with running(Rule(error="failed")) as engine:
        response = await engine.post("/infill", LLAMA_VIM | {"n_predict": 0})
    assert (response.status_code, response.json()["content"]) == (200, "")


@pytest.mark.asyncio
async def test_infill_that_fails_says_why() -> None:
    """With a status and a message."""
    with running(Rule(error="model-missing")) as engine:
        response = await engine.post("/infill", LLAMA_VIM)
    assert response.status_code == 503
    assert "not installed" in response.json()["error"]["message"]
