"""What is known of fills, one JSON object a line: an evaluation that was stopped goes on from here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from lsp_server.core.errors import BadInput
from lsp_server.engine.protocol import FillRequest
from lsp_server.evaluation.filling import Filled
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.sandbox import Outcome
from lsp_server.evaluation.ways import Way

_START = b'{"key":'
_HINT = "Name a new file, or one that eval wrote."


class Record(msgspec.Struct, frozen=True):
    """One problem filled in one way. `key` names everything that the fill depends on."""

    key: str
    benchmark: str
    problem: str
    way: str
    text: str
    confidences: tuple[float, ...]
    tokens: int
    forwards: float
    seconds: float
    tried: tuple[str, ...] = ()
    outcome: Outcome | None = None
    """None: there is no test, or it was not run."""
    first: int = 0
    """How many of `confidences` belong to the first line; 0 where that was not noted."""

    @classmethod
    def of(cls, key: str, problem: Problem, way: Way, filled: Filled, outcome: Outcome | None) -> Record:
        """The record of one fill."""
        return cls(
            key=key,
            benchmark=problem.benchmark,
            problem=problem.name,
            way=way.name,
            text=filled.text,
            confidences=filled.confidences,
            tokens=filled.tokens,
            forwards=filled.forwards,
            seconds=round(filled.seconds, 4),
            tried=filled.tried,
            outcome=outcome,
            first=filled.first,
        )


def key_of(request: FillRequest, way: Way, model: str) -> str:
    """A short hash; `model` names weights and precision."""
    content = msgspec.json.encode((model, way.name, request))
    return hashlib.sha256(content).hexdigest()[:24]


class Records:
    """The records of a file, or in memory only without one. A context manager."""

    def __init__(self, path: Path | None = None) -> None:
        """Read what is there.

        Raises:
            BadInput: the file cannot be read or written, or holds something else.
        """
        self._known: dict[str, Record] = {}
        self._file: IO[bytes] | None = None
        if path is None:
            return
        try:
            content = path.read_bytes() if path.exists() else b""
            whole, _, torn = content.rpartition(b"\n")
            if not torn.startswith(_START[: len(torn)]):
                raise BadInput(f"{path} holds something else", hint=_HINT)
            self._known = {record.key: record for record in _decoded(whole.split(b"\n"))}
            self._file = path.open("r+b" if path.exists() else "wb")
            self._file.truncate(len(whole) + 1 if whole else 0)
            self._file.seek(0, 2)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadInput(f"{path} cannot keep records: {error}", hint=_HINT) from error

    def get(self, key: str) -> Record | None:
        """What is known under `key`."""
        return self._known.get(key)

    def add(self, record: Record) -> None:
        """Keep a record; it is on disk when this returns."""
        self._known[record.key] = record
        if self._file is not None:
            self._file.write(msgspec.json.encode(record) + b"\n")
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def _decoded(lines: Iterable[bytes]) -> Iterable[Record]:
    return (msgspec.json.decode(line, type=Record) for line in lines if line.strip())
