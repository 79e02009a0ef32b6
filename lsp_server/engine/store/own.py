"""Adapters of a user's own: one for each folder of code, kept only where it was seen to help.

    <data folder>/adapters/<name>/adapter.safetensors    what `remask train --on PATH` wrote
    <data folder>/adapters/<name>/adapter.json           `Own`: it is used; without this file it is not

An adapter goes by ``<name>@<start of its sha256>`` between server and engine, so that one trained
anew is another one.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from lsp_server.core.paths import data_dir

ABOUT = "adapter.json"
FILE = "adapter.safetensors"
_ID = re.compile(r"([\w.-]+)@([0-9a-f]{16})")


class Figures(msgspec.Struct, frozen=True):
    """Fills of held-out holes, without and with the adapter: means, `loss` in nats for a token."""

    holes: int
    loss: tuple[float, float]
    exact: tuple[float, float]
    similarity: tuple[float, float]
    forwards: tuple[float, float]


class Own(msgspec.Struct, frozen=True):
    """An adapter that is used for the code below `trained_on`."""

    model: str
    trained_on: str
    sha256: str
    made: datetime
    figures: Figures | None = None

    @property
    def name(self) -> str:
        """The folder's."""
        return folder_name(Path(self.trained_on))

    @property
    def id(self) -> str:
        """What a request says to have it."""
        return f"{self.name}@{self.sha256[:16]}"


def adapters_dir() -> Path:
    """The folder of all of them."""
    return data_dir() / "adapters"


def folder_name(code: Path) -> str:
    """Of the adapter for a folder of code, by its name and place."""
    path = code.resolve()
    name = re.sub(r"[^\w.-]+", "-", path.name) or "root"
    place = hashlib.blake2b(str(path).encode(errors="replace"), digest_size=4).hexdigest()
    return f"{name}-{place}"


def own_folder(code: Path) -> Path:
    """Where the adapter for a folder of code lies, if there is one."""
    return adapters_dir() / folder_name(code)


def keep(own: Own) -> None:
    """Use an adapter, whose file lies where it belongs, from now on.

    Raises:
        OSError: the disk is full.
    """
    target = adapters_dir() / own.name / ABOUT
    partial = target.with_suffix(".partial")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(own)))
    partial.replace(target)


def kept() -> list[Own]:
    """Every adapter that is used; what is no adapter is left out."""
    found = (_read(path) for path in sorted(adapters_dir().glob(f"*/{ABOUT}")))
    return [own for own in found if own is not None]


def forget(code: Path) -> bool:
    """Delete the adapter for a folder of code and all that was made beside it; False if there was none."""
    folder = own_folder(code)
    existed = folder.is_dir()
    (folder / ABOUT).unlink(missing_ok=True)  # first, so that nobody finds half of it
    shutil.rmtree(folder, ignore_errors=True)
    return existed


def file_of(adapter: str) -> Path | None:
    """The file that a request's `adapter` means, or None if it is not there any more."""
    said = _ID.fullmatch(adapter)
    if said is None:
        return None
    folder = adapters_dir() / said[1]
    own = _read(folder / ABOUT)
    return folder / FILE if own is not None and own.sha256.startswith(said[2]) else None


def _read(path: Path) -> Own | None:
    try:
        own = msgspec.json.decode(path.read_bytes(), type=Own)
    except (OSError, msgspec.DecodeError):
        return None
    return own if own.name == path.parent.name else None
