from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.commands import _remote
from lsp_server.commands._remote import remote_checks, settle_consent, with_remote
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.remote import key
from lsp_server.engine.remote.consent import Consents
from lsp_server.engine.remote.endpoint import Endpoint

BOX = Endpoint.of("https://gpu-box:8443")
SETTINGS = EngineSettings(url="gpu-box:8443")


@pytest.fixture(autouse=True)
def _own_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMASK_CONFIG_DIR", str(tmp_path))
    for name in (_remote.URL_VARIABLE, _remote.CONSENT_VARIABLE, key.VARIABLE, key.INCEPTION_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str, given: str = "") -> str:
    result = CliRunner().invoke(cli.app, ["remote", *arguments], input=given)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_answers_by_hand() -> None:
    """Allowed, forbidden and forgotten, each shown."""
    assert "allowed" in run("allow", "gpu-box:8443/v1")
    assert Consents().allows(BOX)
    assert "https://gpu-box:8443: allowed since" in run()
    run("forbid", "https://gpu-box:8443")
    assert not Consents().allows(BOX)
    assert "forbidden since" in run("show")
    run("forget", "https://gpu-box:8443")
    assert Consents().answers() == {}


@pytest.mark.parametrize("arguments", [["allow"], ["allow", "https://me:pw@gpu-box"], ["key", ""]])
def test_an_action_needs_an_address(arguments: list[str]) -> None:
    """One that can be used."""
    assert CliRunner().invoke(cli.app, ["remote", *arguments]).exit_code != 0


def test_a_key_is_kept_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the standard input into the keyring; the output does not repeat it."""
    kept: list[tuple[str, str]] = []
    monkeypatch.setattr(key, "keep_key", lambda endpoint, value: kept.append((endpoint.origin, value)))
    printed = run("key", "https://gpu-box:8443", given="sk-secret\n")
    assert kept == [("https://gpu-box:8443", "sk-secret")]
    assert "sk-secret" not in printed


def test_the_environment_names_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """For commands; what a command says itself wins."""
    assert with_remote({"completion": {}}) == {"completion": {}}
    monkeypatch.setenv("REMASK_ENGINE_URL", " https://gpu-box ")
    assert with_remote({}) == {"engine": {"url": "https://gpu-box"}}
    assert with_remote({"engine": {"url": "x", "decode": "auto"}})["engine"] == {"url": "x", "decode": "auto"}


@pytest.mark.parametrize(
    ("named", "allowed"),
    [("gpu-box", True), ("a, https://gpu-box:8443", True), ("https://gpu-box", False), ("", False)],
)
def test_the_environment_consents(named: str, allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By host or origin, for this process; nothing is kept, and without a terminal nobody is asked."""
    monkeypatch.setenv("REMASK_REMOTE_CONSENT", named)
    consents = Consents()
    settle_consent(SETTINGS, consents)
    assert consents.allows(BOX) is allowed
    assert consents.answers() == {}


@pytest.mark.parametrize("said", [True, False])
def test_a_person_is_asked_once(said: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is kept either way."""
    asked: list[str] = []

    def confirm(question: str, **_: object) -> bool:
        asked.append(question)
        return said

    monkeypatch.setattr(typer, "confirm", confirm)
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    consents = Consents()
    settle_consent(SETTINGS, consents)
    settle_consent(SETTINGS, consents)
    assert consents.allows(BOX) is said
    assert len(asked) == 1
    assert "https://gpu-box:8443" in asked[0]


def test_the_doctor_names_where_code_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nowhere at first; then the host, since when, where the key is from, and how to end it."""
    (check,) = remote_checks()
    assert (check.status, check.value) == ("ok", "none allowed: code stays on this machine")
    Consents().note(BOX, allowed=True)
    Consents().note(Endpoint.of("https://elsewhere"), allowed=False)
    monkeypatch.setenv("REMASK_ENGINE_KEY", "sk-secret")
    monkeypatch.setenv("REMASK_ENGINE_URL", "http://gpu-box")
    allowed, environment = remote_checks()
    assert allowed.value.startswith("code may be sent to https://gpu-box:8443 (since ")
    assert "from $REMASK_ENGINE_KEY" in allowed.value
    assert "remask remote forbid https://gpu-box:8443" in allowed.advice
    assert (environment.status, "without encryption" in environment.value) == ("problem", True)
    assert "sk-secret" not in repr([allowed, environment])
