"""From a model's name to a filler."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.filler import Filler, OnProgress
from lsp_server.engine.runtime.own import WithOwn
from lsp_server.engine.store import checkpoints, files
from lsp_server.engine.store.manifest import ModelEntry, entry
from lsp_server.engine.store.own import adapters_dir

if TYPE_CHECKING:
    from torch import Tensor

    from lsp_server.engine.runtime.architecture import Architecture
    from lsp_server.engine.runtime.assemble import Parts
    from lsp_server.engine.runtime.backends import Backend
    from lsp_server.engine.runtime.families.fim import FimFamily


def load_any(model: str, on_progress: OnProgress, *, settings: EngineSettings) -> Filler:
    """Load a model of the manifest, or the checkpoint in the folder that `model` is the path of.

    Raises:
        As `load_filler`.
    """
    checkpoint = checkpoints.folder_of(model)
    if checkpoint is None:
        shipped = load_filler(model, on_progress, settings=settings)
        return WithOwn(shipped, lambda own: load_filler(model, _quietly, settings=settings, adapter=own))
    on_progress(0.0, "importing torch")
    from lsp_server.engine.runtime.whole.load import load_folder

    return load_folder(checkpoint, model, on_progress, settings=settings)


def load_filler(
    model: str, on_progress: OnProgress, *, settings: EngineSettings, adapter: Path | None = None
) -> DiffusionFiller:
    """Load a model of the manifest; slow the first time, when its weights are prepared.

    `adapter` is a file to use instead of the model's own. Its weights are prepared beside
    those of the model, which stay; those of another such file go.

    Raises:
        ModelMissing, ModelCorrupt: its files are not there, or not what the manifest names.
        BadInput: the manifest has no such model.
        EngineFailed: it does not fit into the memory that `settings` allow.
    """
    chosen = entry(model)
    gguf = files.require(model)
    folder, file = files.prepared_dir(chosen), adapter or files.adapter_path(chosen)
    with ThreadPoolExecutor(1, "beside") as beside:
        hashing = beside.submit(_hash, chosen, adapter)
        on_progress(0.0, "importing torch")
        import torch

        from lsp_server.engine.runtime import prepare
        from lsp_server.engine.runtime.assemble import assemble
        from lsp_server.engine.runtime.backends import choose_backend
        from lsp_server.engine.runtime.memory import Allotment, Needs, allot
        from lsp_server.engine.runtime.warm import warm_ends, warm_layers

        backend = choose_backend(settings, lambda: on_progress(0.0, "measuring what is fastest here"))
        sha256 = hashing.result()
        prepared = prepare.prepared_file(
            folder / _beside(adapter) if adapter else folder,
            base_sha256=chosen.files[0].sha256,
            adapter_sha256=sha256,
            precision=backend.precision,
        )
        tensors, architecture = prepare.load_prepared(
            gguf,
            file,
            prepared,
            precision=backend.precision,
            page=lambda: _page(_family(gguf, folder)),
            on_progress=on_progress,
        )
        fits = Allotment()
        if backend.device == "cpu":
            fits = allot(Needs.of(tensors, precision=backend.precision), settings.memory_mb)
        backend = _fitting(backend, architecture)
        on_progress(0.9, "packing weights")
        weights = assemble(
            tensors,
            architecture,
            precision=backend.precision,
            device=torch.device(backend.device),
            parts=_parts(tensors, architecture, backend),
            denoiser=fits.denoiser,
        )
        before_pass = _threads(backend)
        # The tokenizer comes last: reading it holds the interpreter, which compiling and packing let go.
        warming, reading = beside.submit(warm_ends, weights), beside.submit(_family, gguf, folder)
        warm_layers(weights)
        warming.result()
        family = reading.result()

    from lsp_server.engine.runtime.attempt import Model
    from lsp_server.engine.runtime.batching.several import (
        bytes_per_position,
        contexts_for,
        fills_at_once,
        network_for,
    )

    parallel = fills_at_once(settings.parallel, weights.device)
    longest = fits.longest(parallel * bytes_per_position(weights)) if backend.device == "cpu" else None
    family = replace(family, max_context=min(family.max_context, longest or family.max_context))
    network, front = network_for(parallel, weights, mask_id=family.mask, before_pass=before_pass)
    cache = contexts_for(parallel, weights, max_bytes=fits.kept)
    on_progress(1.0, "ready")
    loaded = Model(network, family, cache, denoises=fits.denoiser)
    return DiffusionFiller(loaded, model, sha256, backend.describe(), front=front, parallel=parallel)


def _quietly(_share: float, _what: str) -> None:
    """Nobody waits for it."""


def _beside(adapter: Path) -> str:
    """The folder of weights prepared with another adapter: its own for one of the user's that is kept."""
    return f"own/{adapter.parent.name}" if adapter.is_relative_to(adapters_dir()) else "tried"


def _hash(model: ModelEntry, adapter: Path | None) -> str:
    return files.sha256_of(adapter) if adapter else files.adapter_sha256(model)


def _family(gguf: Path, folder: Path) -> FimFamily:
    from lsp_server.engine.runtime.families.fim import FimFamily
    from lsp_server.engine.runtime.prepare import load_tokenizer_file
    from lsp_server.engine.runtime.vocabulary import Vocabulary

    return FimFamily.of(Vocabulary.from_file(load_tokenizer_file(gguf, folder)))


def _fitting(backend: Backend, architecture: Architecture) -> Backend:
    """The same, or by torch if the compiled kernels cannot compute layers of these sizes."""
    if backend.framework != "numba":
        return backend
    from lsp_server.engine.runtime.numba.parts import fits

    return backend if fits(architecture) else replace(backend, framework="torch")


def _parts(tensors: dict[str, Tensor], architecture: Architecture, backend: Backend) -> Parts | None:
    """What makes the parts of the network; None: torch."""
    if backend.framework == "openvino":
        from lsp_server.engine.runtime.openvino.parts import OpenVinoParts

        return OpenVinoParts(tensors, architecture, backend.threads)
    if backend.framework == "numba":
        from lsp_server.engine.runtime.numba.parts import NumbaParts
        from lsp_server.engine.runtime.numba.team import team

        return NumbaParts(tensors, architecture, team(backend.threads))
    return None


def _threads(backend: Backend) -> Callable[[], None]:
    """What adapts the threads before a pass; OpenVINO shares its own out as cores become free."""
    import torch

    from lsp_server.engine.runtime.threads import ThreadGovernor

    cores = psutil.cpu_count(logical=False) or backend.threads
    if backend.framework == "torch":
        return ThreadGovernor(backend.threads, cores, torch.set_num_threads)
    torch.set_num_threads(1)  # little is left for it, and threads that wait for more take cores
    if backend.framework == "openvino":
        return lambda: None
    from lsp_server.engine.runtime.numba.team import team

    return ThreadGovernor(backend.threads, cores, team(backend.threads).use)


def _page(family: FimFamily) -> list[int]:
    """A page of code in several languages, as a prompt."""
    text = resources("lsp_server").joinpath("assets", "calibration.txt").read_text(encoding="utf-8")
    return family.fim(text[: len(text) // 2], text[len(text) // 2 :]).context
