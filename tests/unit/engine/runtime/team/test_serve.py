"""A team's engine as its users and its operator meet it, without a socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families as families
from standin import Rule, Rules, StandinFiller

from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.runtime.limits import TEAM, Limits
from lsp_server.engine.runtime.team.keys import Keys, remove_user
from lsp_server.engine.runtime.team.listen import Place
from lsp_server.engine.runtime.team.serve import ON_A_PROCESSOR, Team, TeamEngine, for_team

PATIENCE = 20
SECRET = "hunter2"


class Desk:
    """An engine around the stand-in, and the keys of its users."""

    def __init__(self, engine: TeamEngine, keys: dict[str, str], path: Path) -> None:
        self.engine, self.keys, self.path = engine, keys, path

    def client(self, user: str | None, **headers: str) -> httpx.AsyncClient:
        given = {"Authorization": f"Bearer {self.keys.get(user, user)}"} if user else {}
        transport = httpx.ASGITransport(self.engine.config.app)  # type: ignore[arg-type]
        return httpx.AsyncClient(
            transport=transport, base_url="http://engine.example", headers=given | headers, timeout=PATIENCE
        )

    async def get(self, path: str, user: str | None = None) -> httpx.Response:
        async with self.client(user) as client:
            return await client.get(path)

    async def fill(self, user: str | None, **changes: object) -> httpx.Response:
        body = {"text": f"{SECRET} = ", "holes": [{"start": 4, "end": 4}]} | changes
        async with self.client(user) as client:
            return await client.post("/v1/fill", content=msgspec.json.encode(body))

    async def figures(self) -> dict[tuple[str, ...], float]:
        """All metrics: by name, user, and values of the other labels in alphabetical order of these."""
        page = (await self.get("/metrics", "metrics")).text
        return {
            (
                sample.name,
                *(sample.labels[each] for each in sorted(sample.labels, key=_user_first)),
            ): sample.value
            for family in families(page)
            for sample in family.samples
        }


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 -- a thread changes it
            await asyncio.sleep(0)


def _user_first(label: str) -> tuple[bool, str]:
    return label != "user", label


@contextmanager
def desk_of(
    keys: tuple[Path, dict[str, str]], *rules: Rule, limits: Limits = TEAM, **filler: object
) -> Iterator[Desk]:
    path, given = keys
    standin = StandinFiller(read=lambda: Rules(rules=rules), **filler)  # type: ignore[arg-type]
    team = Team(Place.parse("127.0.0.1:0"), path, limits=limits, drain_s=PATIENCE)
    engine = TeamEngine("m", team, Keys(path), lambda _model, _on_progress: standin)
    engine.worker.start()
    try:
        yield Desk(engine, given, path)
    finally:
        engine._scheduler.close()
        assert engine.worker.join(PATIENCE)


@pytest.mark.asyncio
@pytest.mark.parametrize("user", [None, "wrong", "ada "])
@pytest.mark.parametrize("path", ["/v1/fill", "/v1/completions", "/infill"])
async def test_without_a_key_nothing_is_answered(
    keys: tuple[Path, dict[str, str]], path: str, user: str | None
) -> None:
    """401 in the usual shape, before the body is looked at."""
    with desk_of(keys) as desk:
        async with desk.client(user) as client:
            response = await client.post(path, content=b"{")
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.json()["error"]["hint"]
        assert (await desk.figures())["remask_refusals_total", "", "401"] == 1


@pytest.mark.asyncio
async def test_a_user_is_who_has_the_key(keys: tuple[Path, dict[str, str]]) -> None:
    """Whatever client the request names; a key that was removed is refused after the next look."""
    with desk_of(keys) as desk:
        for user in ("ada", "bob", "bob"):
            assert (await desk.fill(user, client="ada")).status_code == 200
        figures = await desk.figures()
        assert figures["remask_requests_total", "ada", "fill", "answered"] == 1
        assert figures["remask_requests_total", "bob", "fill", "answered"] == 2
        remove_user(desk.path, "bob")
        desk.engine._keys.refresh()
        assert (await desk.fill("bob")).status_code == 401


@pytest.mark.asyncio
async def test_metrics_are_for_the_one_who_reads_metrics(keys: tuple[Path, dict[str, str]]) -> None:
    """Users' keys do not open them, and theirs opens nothing else."""
    with desk_of(keys) as desk:
        assert (await desk.get("/metrics", "ada")).status_code == 403
        assert (await desk.get("/metrics")).status_code == 401
        assert (await desk.fill("metrics")).status_code == 403
        assert (await desk.get("/metrics", "metrics")).status_code == 200


@pytest.mark.asyncio
async def test_what_the_metrics_say(keys: tuple[Path, dict[str, str]]) -> None:
    """Requests by user, kind and outcome, tokens, passes, times, what is held; and never code or a key."""
    with desk_of(keys, Rule(before="bad", error="failed"), Rule(fill="a b")) as desk:
        await desk.fill("ada", frames=True)
        await desk.fill("ada", instruction="do", ahead=True)
        await desk.fill("bob", text="bad ", document=SECRET)
        figures = await desk.figures()
        page = (await desk.get("/metrics", "metrics")).text
    assert figures["remask_requests_total", "ada", "fill", "answered"] == 1
    assert figures["remask_requests_total", "ada", "ahead", "answered"] == 1
    assert figures["remask_requests_total", "bob", "fill", "failed"] == 1
    assert figures["remask_tokens_total", "ada", "written"] == 4
    assert figures["remask_passes_total", "ada"] == 4
    for name in ("queue", "first_frame", "fill"):
        assert figures[f"remask_{name}_seconds_count", "ada"] == 1  # not of what nobody waited for
    assert figures["remask_engine_ready",] == figures["remask_fills_at_once",] == 1
    assert figures["remask_fills_running",] == figures["remask_contexts",] == 0
    assert not [each for each in (SECRET, "sha256", *desk.keys.values()) if each in page]


@pytest.mark.asyncio
async def test_too_many_requests(keys: tuple[Path, dict[str, str]]) -> None:
    """429 with the seconds to wait, for the one user alone; looking at its health is free."""
    with desk_of(keys, limits=replace(TEAM, per_minute=2)) as desk:
        answers = [await desk.fill("ada") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["Retry-After"]) == 30
        assert answers[2].json()["error"]["type"] == "rate_limit_error"
        assert (await desk.get("/health", "ada")).status_code == 200
        assert (await desk.fill("bob")).status_code == 200
        assert (await desk.figures())["remask_refusals_total", "ada", "429"] == 1


@pytest.mark.asyncio
async def test_too_much_waiting(keys: tuple[Path, dict[str, str]]) -> None:
    """One user's queue is full for that user; the others still wait in theirs, which the metrics show."""
    with desk_of(keys, Rule(hang=True), limits=replace(TEAM, waiting_each=1)) as desk:
        asked = [asyncio.create_task(desk.fill("ada"))]
        await until(lambda: desk.engine._scheduler.under_way == 1)
        asked += [asyncio.create_task(desk.fill(user)) for user in ("ada", "bob")]
        await until(lambda: desk.engine._scheduler.waiting == 2)
        full = await desk.fill("ada")
        assert (full.status_code, full.headers["Retry-After"]) == (429, "1")
        figures = await desk.figures()
        assert figures["remask_queue_length", "ada"] == figures["remask_queue_length", "bob"] == 1
        desk.engine._scheduler.close()
        await asyncio.gather(*asked)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changes", [{"text": "x" * 300}, {"holes": [{"start": 0, "end": 0, "max_tokens": 99}]}]
)
async def test_too_large_a_request(keys: tuple[Path, dict[str, str]], changes: dict[str, object]) -> None:
    """413 for text, tokens and bytes, counted as refused."""
    with desk_of(keys, limits=replace(TEAM, characters=200, tokens=64, body=1000)) as desk:
        assert (await desk.fill("ada", **changes)).status_code == 413
        assert (await desk.fill("ada", text="y" * 1000)).status_code == 413
        assert (await desk.fill("ada")).status_code == 200
        assert (await desk.figures())["remask_refusals_total", "ada", "413"] == 2


@pytest.mark.asyncio
async def test_health_and_readiness_need_no_key_and_say_one_word(keys: tuple[Path, dict[str, str]]) -> None:
    """A load balancer's questions; with a key the protocol's version comes too."""
    with desk_of(keys) as desk:
        await desk.fill("ada")
        assert (await desk.get("/ready")).json() == (await desk.get("/health")).json() == {"state": "ready"}
        assert (await desk.get("/health", "ada")).json()["protocol"] == 1
        desk.engine._draining = True
        leaving = await desk.get("/ready")
        assert (leaving.status_code, leaving.headers["Retry-After"]) == (503, "2")
        assert (await desk.get("/health")).status_code == 200


@pytest.mark.asyncio
async def test_it_is_not_ready_without_a_model(keys: tuple[Path, dict[str, str]]) -> None:
    """While it loads, or when it could not, requests should go elsewhere."""
    path, _ = keys
    team = Team(Place.parse("127.0.0.1:0"), path)
    desk = Desk(TeamEngine("m", team, Keys(path), lambda *_: StandinFiller()), keys[1], path)
    assert (await desk.get("/ready")).status_code == 503


@pytest.mark.asyncio
async def test_the_log_has_a_line_for_each_request_and_no_code(
    keys: tuple[Path, dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    """Who, what, how long; not what was typed, filled, or where."""
    caplog.set_level(logging.DEBUG, logger="lsp_server")
    with desk_of(keys, Rule(fill="the fill")) as desk:
        await desk.fill("ada", document=f"file:///{SECRET}", path=SECRET)
        await desk.fill("wrong")
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in said] == ["ada fill answered"]
    assert not [line for line in said if SECRET in line or "the fill" in line]


@pytest.mark.asyncio
async def test_a_request_nobody_waits_for_any_more_is_counted(keys: tuple[Path, dict[str, str]]) -> None:
    """As withdrawn, once."""
    with desk_of(keys, Rule(hang=True)) as desk:
        asked = asyncio.create_task(desk.fill("ada"))
        await until(lambda: desk.engine._scheduler.under_way == 1)
        asked.cancel()
        await asyncio.wait([asked])
        await until(lambda: desk.engine._scheduler.over)
        figures = await desk.figures()
    assert {key: value for key, value in figures.items() if key[0] == "remask_requests_total"} == {
        ("remask_requests_total", "ada", "fill", "withdrawn"): 1
    }


@pytest.mark.asyncio
async def test_the_longest_time_is_the_engines(keys: tuple[Path, dict[str, str]]) -> None:
    """A request that sets no time, or a longer one, ends by the engine's."""
    deadlines = list[float | None]()

    def wait(_seconds: float, _cancel: CancelToken, deadline: float | None) -> None:
        deadlines.append(deadline)

    with desk_of(keys, limits=replace(TEAM, seconds=5.0), wait=wait) as desk:
        await desk.fill("ada")
        await desk.fill("ada", budget_ms=600_000)
        now = desk.engine._scheduler.clock()
    assert deadlines
    assert all(deadline is not None and deadline <= now + 5.0 for deadline in deadlines)


@pytest.mark.parametrize(
    ("chosen", "on_gpu", "meant"), [(0, True, 0), (0, False, ON_A_PROCESSOR), (1, False, 1), (8, True, 8)]
)
def test_a_team_on_a_processor_shares_it(chosen: int, meant: int, *, on_gpu: bool) -> None:
    """More than one fill at once also there, unless a number was chosen; a GPU has a default of its own."""
    assert for_team(EngineSettings(parallel=chosen), on_gpu=on_gpu).parallel == meant
