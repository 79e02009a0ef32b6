"""What `remask doctor` looks at. Torch-free: versions are read from package metadata."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import httpx
import msgspec
import psutil

from lsp_server import __version__
from lsp_server.commands._remote import remote_checks
from lsp_server.core.errors import RemaskError
from lsp_server.core.network import REASONS
from lsp_server.core.paths import cache_dir, log_dir, offline, runtime_dir
from lsp_server.engine.address import Address, address_path, read_address
from lsp_server.engine.protocol import EngineState, Health
from lsp_server.engine.runtime.backends import describe_cached
from lsp_server.engine.store.adapter import adapter_info
from lsp_server.engine.store.checkpoints import checkpoint_dir, pulled, read_record
from lsp_server.engine.store.files import adapter_sha256, installed, verify
from lsp_server.engine.store.manifest import CheckpointEntry, ModelEntry, checkpoint, entry
from lsp_server.engine.store.sources.repository import is_right

MIB = 1 << 20
AnyEntry = ModelEntry | CheckpointEntry
_ANSWER_S = 2.0
PACKAGES = (
    "torch",
    "transformers",
    "pygls",
    "lsprotocol",
    "tree-sitter",
    "tree-sitter-language-pack",
    "safetensors",
    "gguf",
    "huggingface_hub",
    "pip",
)
OPTIONAL = ("numba", "openvino")
"""Not built for every machine; torch does its work there."""


class Check(msgspec.Struct, frozen=True):
    """One finding; `advice` says what to do about anything that is not "ok"."""

    name: str
    status: Literal["ok", "note", "problem"]
    value: str
    advice: str = ""


def check_all(model_name: str) -> list[Check]:
    """Every finding about this machine and the model called `model_name`.

    Raises:
        BadInput: there is no such model.
    """
    published = checkpoint(model_name)
    model = published or entry(model_name)
    return [
        *_machine(model),
        *_folders(model),
        *(_published(model) if isinstance(model, CheckpointEntry) else _model(model)),
        *_network(model),
        *remote_checks(),
        _packages(),
        _backend(),
        _engine(model),
    ]


def _machine(model: AnyEntry) -> Iterator[Check]:
    yield Check("remask", "ok", __version__)
    yield Check("python", "ok", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Check("system", "ok", f"{platform.system()} {platform.release()} {platform.machine()}")
    physical, logical = psutil.cpu_count(logical=False), psutil.cpu_count() or 1
    yield Check("cores", "ok", f"{physical or 'unknown'} physical, {logical} logical")
    memory = psutil.virtual_memory()
    value = f"{memory.total // MIB:,} MiB, {memory.available // MIB:,} MiB of it free"
    needs = f"{model.name} needs {model.memory_mib:,} MiB"
    if memory.total // MIB < model.memory_mib:
        yield Check("memory", "problem", value, f"{needs}: choose another model or machine.")
    elif memory.available // MIB < model.memory_mib:
        yield Check("memory", "note", value, f"{needs}: close other programs if the engine is killed.")
    else:
        yield Check("memory", "ok", value)


def _folders(model: AnyEntry) -> Iterator[Check]:
    if isinstance(model, CheckpointEntry):
        room_mib = 0 if pulled(model) else model.size_mib
    else:
        room_mib = 0 if installed(model) else 2 * model.size // MIB
    yield _folder("cache folder", cache_dir(), "REMASK_CACHE_DIR", room_mib)
    yield _folder("runtime folder", runtime_dir(), "REMASK_RUNTIME_DIR")
    yield _folder("log folder", log_dir(), "REMASK_LOG_DIR")


def _folder(name: str, folder: Path, variable: str, room_mib: int = 0) -> Check:
    """A folder, or the parent it would be made in."""
    existing = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path.cwd())
    free_mib = shutil.disk_usage(existing).free // MIB
    value = f"{folder} ({free_mib:,} MiB free)"
    elsewhere = f"Set {variable} to another folder."
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Check(name, "problem", value, f"It cannot be written. {elsewhere}")
    if free_mib < room_mib:
        return Check(name, "problem", value, f"The model needs {room_mib:,} MiB. Free some. {elsewhere}")
    return Check(name, "ok", value)


def _published(model: CheckpointEntry) -> Iterator[Check]:
    """A checkpoint's files, each against what the hub named when it was pulled."""
    record = read_record(model)
    if record is None or not pulled(model):
        yield Check("model", "problem", f"{model.name} is not installed", f"Run `remask pull {model.name}`.")
        return
    folder = checkpoint_dir(model)
    wrong = [file.name for file in record.files if not is_right(folder / file.name, file)]
    if wrong:
        again = f"Delete {folder} and run `remask pull {model.name}`."
        yield Check(
            "model", "problem", f"{', '.join(wrong)} in {folder}: other bytes than were pulled", again
        )
    else:
        yield Check("model", "ok", f"{model.name}: {folder}, commit {record.commit}")


def _model(model: ModelEntry) -> Iterator[Check]:
    try:
        yield Check("model", "ok", f"{model.name}: {verify(model, rehash=True)}")
    except RemaskError as problem:
        yield Check("model", "problem", problem.args[0], problem.hint)
    try:
        info = adapter_info(model)
        trained = f"rank {info.rank}, {info.trained_examples:,} training examples"
        yield Check("adapter", "ok", f"sha256 {adapter_sha256(model)}, {trained}")
    except RemaskError as problem:
        yield Check("adapter", "problem", problem.args[0], problem.hint)


def _network(model: AnyEntry) -> Iterator[Check]:
    if isinstance(model, CheckpointEntry):
        titles = [f"model hub ({model.repo})"]
    else:
        titles = [source.title for source in model.sources]
    yield Check("sources", "ok", "; ".join(titles))
    set_to = {name: os.environ.get(name) for name in ("REMASK_OFFLINE", "HF_HUB_OFFLINE")}
    value = ", ".join(f"{name}={setting}" for name, setting in set_to.items() if setting) or "no"
    reasons = [f"{reason.name}: {reason.when} (it tells {reason.sent})" for reason in REASONS]
    yield Check("network", "ok", "; ".join([*reasons, "for nothing else"]))
    if offline():
        yield Check("offline", "note", value, "Nothing is fetched while one of these is set.")
    else:
        yield Check("offline", "ok", value)


def _packages() -> Check:
    found, missing = [], []
    for package in (*PACKAGES, *OPTIONAL):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing += [package] if package in PACKAGES else []
    if missing:
        return Check(
            "packages", "problem", ", ".join(found), f"Missing: {', '.join(missing)}. Install again."
        )
    return Check("packages", "ok", ", ".join(found))


def _backend() -> Check:
    return Check("backend", "ok", describe_cached() or "not measured yet: the first start of the engine does")


def _engine(model: AnyEntry) -> Check:
    address = read_address(address_path(model.name))
    if address is None:
        return Check("engine", "ok", "not running; it starts when it is needed")
    where = f"process {address.pid} at {address.url}"
    health = ask_health(address)
    if health is None:
        return Check("engine", "problem", f"{where} does not answer", f"End process {address.pid}.")
    value = f"{health.state}, {where}, {health.memory_mib:,} MiB, {health.backend or 'no backend yet'}"
    if health.state == EngineState.FAILED:
        return Check("engine", "problem", f"{value}: {health.message}", health.hint)
    return Check("engine", "ok", value)


def ask_health(address: Address) -> Health | None:
    """What the engine says about itself, or None if it does not answer."""
    try:
        answer = httpx.get(
            f"{address.url}/health",
            headers={"Authorization": f"Bearer {address.token}"},
            timeout=_ANSWER_S,
            trust_env=False,
        )
        return msgspec.json.decode(answer.raise_for_status().content, type=Health)
    except (httpx.HTTPError, msgspec.DecodeError):
        return None
