"""The arguments of our commands and code actions, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
from lsprotocol import types as t
from pygls.exceptions import JsonRpcInvalidParams

from lsp_server.syntax.locks import Lock

Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Token = str | int
Kind = TypeVar("Kind")


class Position(msgspec.Struct, frozen=True):
    """As in the protocol."""

    line: Number
    character: Number


class Range(msgspec.Struct, frozen=True):
    """As in the protocol."""

    start: Position
    end: Position

    def wire(self) -> t.Range:
        """The protocol's own type."""
        return t.Range(
            t.Position(self.start.line, self.start.character), t.Position(self.end.line, self.end.character)
        )


class TextEdit(msgspec.Struct, frozen=True):
    """As in the protocol."""

    range: Range
    newText: str  # noqa: N815 -- the protocol's name


class EditArguments(msgspec.Struct, frozen=True):
    """What to rewrite: the one argument of `remask.rewrite`, `remask.fillBody` and `remask.fillHoles`.

    Without `range` the whole document is meant. `version` refuses the command if
    the document has another one by now. `token` asks for `remask/denoise`. With
    `apply` false the edit is only answered, for a client that shows it first. `kept`
    are edits of such an answer that were accepted, though not made yet: the rewrite is
    drawn as if they were, and leaves them alone. `task` is one of `service.tasks`, with words that
    are known. What is of a kind of `lock`, or `locked` by hand, stays. `source` is the language of what
    is selected if it is not the document's.
    """

    uri: str
    range: Range | None = None
    version: int | None = None
    instruction: str | None = None
    strength: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    task: str = ""
    lock: tuple[Lock, ...] = ()
    locked: tuple[Range, ...] = ()
    source: str = ""
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    kept: tuple[TextEdit, ...] = ()
    token: Token | None = None
    apply: bool = True


class ActionData(msgspec.Struct, frozen=True):
    """What a code action remembers until it is resolved: its place, in offsets of one revision."""

    action: str
    uri: str
    revision: int
    start: Number
    end: Number
    token: Token | None = None
    task: str = ""
    instruction: str = ""


class TakeArguments(msgspec.Struct, frozen=True):
    """What `remask.takeAlternative` takes: the doubt's id, and the text of one of its alternatives."""

    uri: str
    id: str
    alternative: str


class TakeNowArguments(msgspec.Struct, frozen=True):
    """What `remask.takeNow` takes: the document of the rewrite under way."""

    uri: str


class SuspectArguments(msgspec.Struct, frozen=True):
    """What `remask.suspect` takes: the document to look through."""

    uri: str


class DismissArguments(msgspec.Struct, frozen=True):
    """What `remask.dismissSuspicion` takes: a diagnostic's document, and the id in its data."""

    uri: str
    id: str


class ChangeArguments(msgspec.Struct, frozen=True):
    """What `remask.changeWithConsequences` takes: where something is defined, and what it is to become.

    A new `name`, or a new `signature`, which is the parameters as the definition has them. Without either
    what the user made of it last is carried on. `version` and `apply` are as in `EditArguments`.
    """

    uri: str
    position: Position
    name: str | None = None
    signature: str | None = None
    version: int | None = None
    apply: bool = True


class TogetherArguments(msgspec.Struct, frozen=True):
    """What `remask.fillHolesTogether` takes: open documents; without any all are meant."""

    uris: tuple[str, ...] = ()
    apply: bool = True


Minutes = Annotated[float, msgspec.Meta(ge=0, le=60 * 24 * 365)]


def one(arguments: Sequence[object] | None, kind: type[Kind]) -> Kind:
    """The one argument of a command.

    Raises:
        JsonRpcInvalidParams: there is none, there are more, or it does not fit.
    """
    if arguments is None or len(arguments) != 1:
        raise JsonRpcInvalidParams(f"expected one argument, got {len(arguments or ())}")
    return fitted(arguments[0], kind)


def fitted(value: object, kind: type[Kind]) -> Kind:
    """`value` as `kind`.

    Raises:
        JsonRpcInvalidParams: it does not fit.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise JsonRpcInvalidParams(str(error)) from error
