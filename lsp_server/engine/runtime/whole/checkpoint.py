"""A published checkpoint's folder: `config.json` and safetensors, as the model hub has them.

Nothing in the folder is ever run: what `auto_map` in the config points at is left alone, and
pickled weights are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lsp_server.core.errors import ModelCorrupt

if TYPE_CHECKING:
    from torch import Tensor

CONFIG = "config.json"
INDEX = "model.safetensors.index.json"

Config = dict[str, Any]


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


def read_config(folder: Path) -> Config:
    """`config.json` of the checkpoint in `folder`; raises `ModelCorrupt`."""
    return read_json(folder / CONFIG)


def read_json(path: Path) -> Config:
    """A JSON object; raises `ModelCorrupt`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Config)
    except (OSError, msgspec.MsgspecError) as problem:
        raise ModelCorrupt(f"{path} cannot be read: {problem}", hint="Fetch it again.") from problem


class Tensors:
    """The tensors of a checkpoint by name, each read from its file when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = self._find()

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __call__(self, name: str) -> Tensor:
        """One tensor as it is stored.

        Raises:
            ModelCorrupt: there is none of that name, or its file is broken.
        """
        from safetensors import SafetensorError, safe_open

        if name not in self._files:
            raise ModelCorrupt(
                f"the checkpoint in {self._folder} has no tensor {name}",
                hint="It is not of the family that its config names, or a part of it is missing.",
            )
        path = self._folder / self._files[name]
        try:
            with safe_open(path, "pt") as file:
                tensor: Tensor = file.get_tensor(name)
        except (OSError, SafetensorError) as problem:
            raise ModelCorrupt(f"{path} cannot be read: {problem}", hint="Fetch it again.") from problem
        return tensor

    def _find(self) -> dict[str, str]:
        """The file of each tensor."""
        from safetensors import SafetensorError, safe_open

        if (self._folder / INDEX).is_file():
            index = msgspec.convert(read_json(self._folder / INDEX), _Index).weight_map
            strange = sorted(name for name in set(index.values()) if Path(name).name != name)
            if strange:
                raise ModelCorrupt(f"the index in {self._folder} names a file outside it: {strange[0]}")
            return index
        found: dict[str, str] = {}
        for path in sorted(self._folder.glob("*.safetensors")):
            try:
                with safe_open(path, "pt") as file:
                    found |= dict.fromkeys(file.keys(), path.name)
            except (OSError, SafetensorError) as problem:
                raise ModelCorrupt(f"{path} cannot be read: {problem}", hint="Fetch it again.") from problem
        if not found:
            raise ModelCorrupt(
                f"there are no safetensors in {self._folder}",
                hint="Pickled weights (.bin, .pt) can hold code and are not read.",
            )
        return found
