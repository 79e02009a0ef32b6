"""The key to a remote engine: from the environment or the operating system's keyring, never from settings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from lsp_server.core.errors import RemaskError
from lsp_server.engine.remote.endpoint import Endpoint

VARIABLE = "REMASK_ENGINE_KEY"
INCEPTION_VARIABLE = "INCEPTION_API_KEY"
INCEPTION_DOMAIN = "inceptionlabs.ai"
SERVICE = "remask"
"""Under which keys stand in the keyring; the user name there is the origin."""
NO_KEYRING = "Install it with `pip install 'remask[keyring]'`, or use the environment."
_HIDDEN = "***"


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A secret that does not show in logs; `origin` says where it was found."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"Key({_HIDDEN}, source={self.source!r})"

    def hidden_in(self, text: str) -> str:
        """`text` with the key blotted out, as where a server's error repeats it."""
        return text.replace(self.value, _HIDDEN)


class Keyring(Protocol):
    """The part of the package `keyring` that is used."""

    def get_password(self, service: str, username: str) -> str | None:
        """The password, if there is one."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""


def is_inception(host: str) -> bool:
    """Whether a host is Inception's."""
    return host == INCEPTION_DOMAIN or host.endswith(f".{INCEPTION_DOMAIN}")


def key_for(endpoint: Endpoint) -> Key | None:
    """The key for an engine; slow, the keyring may ask the user to unlock it."""
    variables = (VARIABLE, INCEPTION_VARIABLE) if is_inception(endpoint.host) else (VARIABLE,)
    for variable in variables:
        if value := os.environ.get(variable, "").strip():
            return Key(value, f"${variable}")
    ring = _keyring()
    if ring is None:
        return None
    try:
        kept = ring.get_password(SERVICE, endpoint.origin)
    except Exception:  # noqa: BLE001 -- every backend of keyring raises errors of its own
        return None
    return Key(kept, "keyring") if kept else None


def keep_key(endpoint: Endpoint, value: str) -> None:
    """Put a key into the keyring, or take it out again with an empty one.

    Raises:
        RemaskError: there is no keyring, or it refuses.
    """
    ring = _keyring()
    if ring is None:
        raise RemaskError("the package keyring is not installed", hint=NO_KEYRING)
    try:
        if value:
            ring.set_password(SERVICE, endpoint.origin, value)
        elif ring.get_password(SERVICE, endpoint.origin):
            ring.delete_password(SERVICE, endpoint.origin)
    except Exception as error:  # noqa: BLE001 -- likewise
        raise RemaskError(
            f"the keyring refuses ({type(error).__name__})",
            hint=f"Set {VARIABLE} instead where the editor is started.",
        ) from None  # its message may repeat what it was given


def _keyring() -> Keyring | None:
    try:
        return cast("Keyring", import_module("keyring"))
    except ImportError:
        return None
