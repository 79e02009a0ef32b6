from __future__ import annotations

import logging

import pytest

from lsp_server.core.errors import RemaskError
from lsp_server.engine.remote import key as module
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.key import Key, keep_key, key_for

BOX = Endpoint.of("https://gpu-box:8443")
INCEPTION = Endpoint.of("https://api.inceptionlabs.ai")


class Ring:
    def __init__(self, *, locked: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = locked

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise RuntimeError("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise RuntimeError(f"cannot keep {password}")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring(no_keys: None, monkeypatch: pytest.MonkeyPatch) -> Ring:
    found = Ring()
    monkeypatch.setattr(module, "_keyring", lambda: found)
    return found


def test_the_environment_is_asked_first(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own variable, that of Inception for Inception alone, then the keyring by origin."""
    keep_key(BOX, "from-ring")
    found = key_for(BOX)
    assert found
    assert (found.value, found.source) == ("from-ring", "keyring")
    assert key_for(INCEPTION) is None
    monkeypatch.setenv("INCEPTION_API_KEY", "theirs")
    assert key_for(INCEPTION) == Key("theirs", "$INCEPTION_API_KEY")
    assert key_for(Endpoint.of("https://inceptionlabs.ai.example.com")) is None
    monkeypatch.setenv("REMASK_ENGINE_KEY", " mine \n")
    assert key_for(BOX) == key_for(INCEPTION) == Key("mine", "$REMASK_ENGINE_KEY")


def test_a_key_can_be_taken_out_again(ring: Ring) -> None:
    """An empty one deletes, twice does no harm."""
    keep_key(BOX, "secret")
    keep_key(BOX, "")
    keep_key(BOX, "")
    assert ring.kept == {}


def test_no_keyring_is_no_key(no_keys: None) -> None:
    """Reading finds nothing, keeping says what to install."""
    assert key_for(BOX) is None
    with pytest.raises(RemaskError, match="keyring"):
        keep_key(BOX, "secret")


def test_a_locked_keyring(ring: Ring) -> None:
    """Reading finds nothing; the error of keeping does not repeat the key, though the backend's does."""
    ring.locked = True
    assert key_for(BOX) is None
    with pytest.raises(RemaskError) as refused:
        keep_key(BOX, "secret")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_key_does_not_show(caplog: pytest.LogCaptureFixture) -> None:
    """Neither printed nor logged nor in a server's own words."""
    key = Key("sk-secret", "keyring")
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("x").error("%s %r", key, {"key": key})
    assert "sk-secret" not in f"{key} {key!r} {caplog.text}"
    assert key.hidden_in("Incorrect API key: sk-secret.") == "Incorrect API key: ***."
