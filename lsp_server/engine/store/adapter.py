"""What the header of the adapter that ships in the package says, and whether it fits its base.

Reads safetensors headers (an eight-byte little-endian length, then JSON) without
a tensor library.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec

from lsp_server.core.errors import BadInput, ModelCorrupt
from lsp_server.engine.store.files import REINSTALL, adapter_path
from lsp_server.engine.store.manifest import ModelEntry

ADAPTER_FORMAT = "remask-adapter-1"

_HEADER_LIMIT = 100_000_000
_LORA = re.compile(r"(sketch\.|base\.)?layers\.\d+\.(?:q|k|v|o|gate|up|down)_proj\.lora_[AB]")
_OTHERS = {
    "mask_embedding": 1,
    "sketch.known_map": 2,
    "sketch.masked_map": 2,
    "sketch.places": 2,
    "sketch.last_norm": 1,
    "sketch.ids": 1,
    "sketch.features": 1,
}
"""Dimensions of the tensors that are no LoRA; those of a sketcher are all there or none."""


class AdapterInfo(msgspec.Struct, frozen=True):
    """The metadata of an adapter's file. LoRA's scale is `alpha / rank`."""

    format: str
    base: str
    base_sha256: str
    rank: Annotated[int, msgspec.Meta(ge=1)]
    alpha: Annotated[float, msgspec.Meta(gt=0)]
    trained_examples: int = 0
    trained_steps: int = 0


class _Tensor(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def adapter_info(model: ModelEntry) -> AdapterInfo:
    """The adapter's metadata, after checking that it belongs to the model's base.

    Raises:
        ModelMissing: this installation lacks the file.
        ModelCorrupt: it is not an adapter, or one of another base.
    """
    path = adapter_path(model)
    info = read_adapter(path)
    if info.base_sha256 != model.files[0].sha256:
        raise ModelCorrupt(f"{path} was trained on another base than {model.files[0].name}", hint=REINSTALL)
    return info


def given_adapter(path: Path, base_sha256: str | None = None) -> AdapterInfo:
    """The metadata of an adapter that the user named, for the base with that hash.

    Raises:
        BadInput: there is no such file, or it is none, or one of another base.
    """
    hint = "Name an adapter that `remask train` wrote for this model."
    if not path.is_file():
        raise BadInput(f"there is no file {path}", hint=hint)
    try:
        info = read_adapter(path)
    except ModelCorrupt as problem:
        raise BadInput(str(problem.args[0]), hint=hint) from problem
    if base_sha256 is not None and info.base_sha256 != base_sha256:
        raise BadInput(f"{path} was trained on another base", hint=hint)
    return info


def read_adapter(path: Path) -> AdapterInfo:
    """The metadata of an adapter's file, after checking that its tensors fit together.

    Raises:
        ModelCorrupt: the file is not an adapter this version reads.
    """
    try:
        header, body_size = _read_header(path)
        info = msgspec.convert(
            msgspec.json.decode(header.pop("__metadata__", b"{}")), AdapterInfo, strict=False
        )
        tensors = {name: msgspec.json.decode(raw, type=_Tensor) for name, raw in header.items()}
        _check_format(info)
        _check_tensors(tensors, info.rank, body_size)
    except (OSError, ValueError) as problem:
        raise ModelCorrupt(f"{path} is not a Remask adapter: {problem}", hint=REINSTALL) from problem
    return info


def _read_header(path: Path) -> tuple[dict[str, msgspec.Raw], int]:
    """The header's raw entries by name and the number of bytes behind the header."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, _HEADER_LIMIT):
            raise ValueError("it has no safetensors header")
        return msgspec.json.decode(stream.read(length), type=dict[str, msgspec.Raw]), size - 8 - length


def _check_format(info: AdapterInfo) -> None:
    if info.format != ADAPTER_FORMAT:
        raise ValueError(f"its format is {info.format!r}, not {ADAPTER_FORMAT!r}")


def _check_tensors(tensors: dict[str, _Tensor], rank: int, body_size: int) -> None:
    """Raise `ValueError` if a tensor is unknown, lacks its pair, or has the wrong shape or place."""
    if "mask_embedding" not in tensors:
        raise ValueError("it has no mask embedding")
    sketched = any(name.startswith("sketch.") for name in tensors)
    missing = sorted(_OTHERS.keys() - tensors.keys()) if sketched else []
    if missing:
        raise ValueError(f"its sketcher has no {missing[0]!r}")
    end = max(tensor.data_offsets[1] for tensor in tensors.values())
    if end != body_size:
        raise ValueError(f"its tensors take {end:,} bytes, the file holds {body_size:,}")
    for name, tensor in tensors.items():
        if name in _OTHERS:
            if len(tensor.shape) != _OTHERS[name]:
                raise ValueError(f"{name!r} has shape {tensor.shape}")
            continue
        lora = _LORA.fullmatch(name)
        if lora is None:
            raise ValueError(f"it holds an unknown tensor {name!r}")
        side = name[-1]
        if name[:-1] + ("B" if side == "A" else "A") not in tensors:
            raise ValueError(f"{name!r} has no counterpart")
        fits = lora.group(1) or (len(tensor.shape) == 2 and tensor.shape[0 if side == "A" else 1] == rank)
        if not fits:
            raise ValueError(f"{name!r} has shape {tensor.shape}, which does not fit rank {rank}")
