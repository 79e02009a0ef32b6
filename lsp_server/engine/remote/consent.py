"""What the user has allowed to leave the machine: a file of theirs, which no workspace can write.

An answer belongs to one origin: scheme, host and port. What is not on file was not allowed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from lsp_server.core.errors import EngineUnavailable, RemaskError
from lsp_server.core.paths import config_dir, offline
from lsp_server.engine.remote.endpoint import Endpoint


class Answer(msgspec.Struct, frozen=True):
    """What was decided about an origin, and when, in ISO 8601."""

    allowed: bool
    on: str


_FILE = msgspec.json.Decoder(dict[str, Answer])


def consent_path() -> Path:
    """Where answers are kept."""
    return config_dir() / "remote.json"


class Consents:
    """The answers on file. `on_wanted` is told, once for each origin, that one is needed."""

    def __init__(self, path: Path | None = None, today: Callable[[], str] | None = None) -> None:
        self._path = path or consent_path()
        self._today = today or (lambda: time.strftime("%Y-%m-%d"))
        self._once: set[str] = set()
        self._wanted: set[str] = set()
        self.on_wanted: Callable[[Endpoint], None] | None = None

    def answers(self) -> dict[str, Answer]:
        """All answers by origin; none if the file is absent or makes no sense."""
        try:
            return _FILE.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return {}

    def allows(self, endpoint: Endpoint) -> bool:
        """Whether code may be sent there. Loopback is this machine."""
        if endpoint.loopback or endpoint.origin in self._once:
            return True
        answer = self.answers().get(endpoint.origin)
        return answer is not None and answer.allowed

    def forbids(self, endpoint: Endpoint) -> EngineUnavailable | None:
        """Why nothing may be sent there now; None if something may. Wants an answer if there is none."""
        if not endpoint.loopback and offline():
            return EngineUnavailable(f"REMASK_OFFLINE is set: {endpoint.host} is not asked")
        if self.allows(endpoint):
            return None
        self.want(endpoint)
        return EngineUnavailable(
            f"nothing is sent to {endpoint.host} before you allow it",
            hint=f"Answer the question, or run `remask remote allow {endpoint.origin}`.",
        )

    def want(self, endpoint: Endpoint) -> None:
        """Have the user asked, unless they were or have answered."""
        if endpoint.origin in self._wanted or self.on_wanted is None:
            return
        self._wanted.add(endpoint.origin)
        if endpoint.origin not in self.answers():
            self.on_wanted(endpoint)

    def allow_once(self, endpoint: Endpoint) -> None:
        """Allow it for as long as this process lives."""
        self._once.add(endpoint.origin)

    def note(self, endpoint: Endpoint, *, allowed: bool) -> None:
        """Keep an answer.

        Raises:
            RemaskError: the file cannot be written.
        """
        self._write({**self.answers(), endpoint.origin: Answer(allowed, self._today())})

    def forget(self, endpoint: Endpoint) -> None:
        """Drop an answer, so that it is asked for again. Raises as `note` does."""
        self._write({origin: kept for origin, kept in self.answers().items() if origin != endpoint.origin})

    def _write(self, answers: dict[str, Answer]) -> None:
        text = msgspec.json.format(msgspec.json.encode(answers))
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".remote-")
            with os.fdopen(handle, "wb") as file:
                file.write(text)
            Path(name).replace(self._path)
        except OSError as error:
            raise RemaskError(f"cannot write {self._path}: {error.strerror}") from error
