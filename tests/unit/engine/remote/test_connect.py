from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme
from completions import Reply, Stage, staged, text_events

from lsp_server.core.errors import BadInput, EngineUnavailable, RemaskError
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.link import Link
from lsp_server.engine.protocol import PROTOCOL_VERSION, FillRequest, Hole
from lsp_server.engine.remote.completions import CompletionsLink
from lsp_server.engine.remote.connect import Connection, connect
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.failures import Hopeless, KeyRefused, Unreachable
from lsp_server.engine.remote.key import Key

pytestmark = pytest.mark.asyncio
HEALTH = {"state": "ready", "model": "m", "protocol": PROTOCOL_VERSION}


async def reach(url: str, key: str | None = None, **settings: str) -> Connection:
    found = await connect(
        Endpoint.of(url),
        EngineSettings(**settings),  # type: ignore[arg-type]
        find_key=lambda _: Key(key, "keyring") if key else None,
    )
    await found.link.close()
    return found


async def test_a_remask_engine_is_known_by_its_health(stage: Stage) -> None:
    """It is spoken to in Remask's own protocol, with the key."""
    stage.on("/health", Reply(body=HEALTH))
    found = await reach(stage.url, "k")
    assert isinstance(found.link, Link)
    assert (found.model, found.ours) == ("m", True)
    assert {each.headers["authorization"] for each in stage.seen} == {"Bearer k"}


@pytest.mark.parametrize(
    ("health", "error", "words"),
    [
        ({"state": "ready"}, KeyRefused, "wants a key"),
        (HEALTH | {"protocol": 99}, EngineUnavailable, "speaks protocol 99"),
        (HEALTH | {"state": "loading"}, Unreachable, "loading"),
        (HEALTH | {"state": "failed", "message": "no memory"}, EngineUnavailable, "no memory"),
    ],
)
async def test_a_remask_engine_that_cannot_be_used(
    stage: Stage, health: dict[str, object], error: type[RemaskError], words: str
) -> None:
    """Says why: another version, no key, not yet, not at all."""
    stage.on("/health", Reply(body=health))
    with pytest.raises(error, match=words):
        await reach(stage.url)


@pytest.mark.parametrize("health", [Reply(404), Reply(body={"status": "ok"}), Reply(body=None)])
async def test_others_are_asked_for_their_models(stage: Stage, health: Reply) -> None:
    """Whatever their health looks like; the first model answers unless another is set."""
    stage.on("/health", health)
    stage.models("Qwen/Qwen2.5-Coder-7B", "bigcode/starcoder2-3b")
    first, second = await reach(stage.url), await reach(stage.url, remote_model="bigcode/starcoder2-3b")
    assert isinstance(first.link, CompletionsLink)
    assert isinstance(second.link, CompletionsLink)
    assert first.model == "Qwen/Qwen2.5-Coder-7B"
    assert second.link.dialect.layout
    assert second.link.dialect.layout.form.startswith("<fim_prefix>")


async def test_a_model_served_under_another_name(stage: Stage) -> None:
    """VLLM tells what it loaded as `root`; where nothing tells the family, a person must."""
    stage.models("code", root="/models/Qwen2.5-Coder-7B")
    assert (await reach(stage.url)).model == "code"
    stage.models("code")
    with pytest.raises(BadInput, match=r"engine\.prompt") as unknown:
        await reach(stage.url)
    assert "code" in unknown.value.args[0]
    assert (await reach(stage.url, prompt="qwen")).model == "code"


async def test_a_server_without_models(stage: Stage) -> None:
    """Is named as such, unless the model is set."""
    with pytest.raises(Unreachable, match="names no model"):
        await reach(stage.url)
    assert (await reach(stage.url, remote_model="qwen-x")).model == "qwen-x"


async def test_a_key_that_is_refused(stage: Stage) -> None:
    """At the first question already."""
    stage.on("/v1/models", Reply(401, {"error": {"message": "no"}}))
    with pytest.raises(KeyRefused):
        await reach(stage.url)


async def test_inception_needs_no_question() -> None:
    """Its host is enough, and nothing is sent before there is something to fill."""
    found = await reach("https://api.inceptionlabs.ai")
    assert (found.model, found.ours) == ("mercury-edit-2", False)


async def test_nobody_there() -> None:
    """A port where nothing listens is told as such."""
    with pytest.raises(Unreachable, match="does not answer"):
        await reach("http://127.0.0.1:1")


def _server_side(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_a_certificate_must_be_trusted_and_name_the_host(tmp_path: Path) -> None:
    """That of an own authority once its file is set; never one for another host, nor none at all."""
    authority = trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    async with staged(Stage(), _server_side(authority, "127.0.0.1")) as stage:
        stage.models("qwen-x")
        stage.on("/v1/completions", text_events("1"))
        with pytest.raises(Unreachable, match=r"certificate of .* is not trusted") as refused:
            await reach(stage.url)
        assert "engine.caFile" in refused.value.hint
        assert stage.seen == []
        found = await connect(
            Endpoint.of(stage.url), EngineSettings(ca_file=str(file)), find_key=lambda _: None
        )
        result = await found.link.fill(FillRequest("a = ", (Hole(4, 4),)), None)
        assert result.candidates[0].fills[0].text == "1"
        await found.link.close()
    async with staged(Stage(), _server_side(authority, "gpu-box")) as stage:
        with pytest.raises(Unreachable, match="not trusted"):
            await reach(stage.url, ca_file=str(file))
    async with staged(Stage()) as stage:
        with pytest.raises(Unreachable):
            await reach(stage.url.replace("http:", "https:"), ca_file=str(file))


async def test_a_route_that_is_not_there_is_hopeless(stage: Stage) -> None:
    """The wrong kind of server is told at the first fill, and not asked again and again."""
    stage.models("qwen-x")
    found = await connect(Endpoint.of(stage.url), EngineSettings(), find_key=lambda _: None)
    with pytest.raises(Hopeless, match="no such route or model"):
        await found.link.fill(FillRequest("a = ", (Hole(4, 4),)), None)
    await found.link.close()
    assert [each.path for each in stage.seen].count("/v1/completions") == 1
