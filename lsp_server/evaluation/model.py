"""The model that is evaluated, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.store.adapter import given_adapter
from lsp_server.engine.store.files import sha256_of
from lsp_server.engine.store.manifest import entry
from lsp_server.evaluation.filling import Asker

if TYPE_CHECKING:
    from lsp_server.engine.runtime.both_sided import Judged
    from lsp_server.engine.runtime.fill import DiffusionFiller


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to be asked. `name` says weights and precision, and so what its fills depend on."""

    asker: Asker
    name: str
    about: dict[str, str]


def load(
    model: str, settings: EngineSettings, adapter: Path | None, on_progress: Callable[[float, str], None]
) -> Loaded:
    """Load a model of the manifest, with another adapter's file if one is named.

    Raises:
        ModelMissing, ModelCorrupt: the model's files are not there, or not what the manifest names.
        BadInput: the manifest has no such model, or the adapter does not belong to it.
    """
    if adapter is not None:
        check_adapter(model, adapter)
    from lsp_server.engine.runtime.load import load_filler

    filler = load_filler(model, on_progress, settings=settings, adapter=adapter)
    device, precision = filler.backend.split(", ")[:2]
    base = entry(model).files[0].sha256
    name = f"{base[:16]} {filler.adapter[:16]} {device} {precision}"
    about = {
        "model": model,
        "base_sha256": base,
        "adapter": adapter.name if adapter else "its own",
        "adapter_sha256": filler.adapter,
        "backend": filler.backend,
    }
    return Loaded(Asker(filler, _Ranker(filler)), name, about)


def check_adapter(model: str, adapter: Path) -> str:
    """The sha256 of an adapter's file, after checking that it belongs to the model's base."""
    given_adapter(adapter, entry(model).files[0].sha256)
    return sha256_of(adapter)


class _Ranker:
    """Ranks by the base's own reading of fill and suffix."""

    def __init__(self, filler: DiffusionFiller) -> None:
        self._model = filler.loaded

    def best(self, prefix: str, fills: Sequence[str], suffix: str) -> tuple[int, int]:
        """See `filling.Ranker`."""
        judged = self._judged(prefix, fills, suffix)
        return judged.best(), judged.forwards

    def joins(self, prefix: str, fills: Sequence[str], suffix: str) -> tuple[int, int]:
        """See `filling.Ranker`."""
        judged = self._judged(prefix, fills, suffix)
        return judged.best_join(), judged.forwards

    def _judged(self, prefix: str, fills: Sequence[str], suffix: str) -> Judged:
        from lsp_server.engine.runtime.both_sided import judge

        return judge(self._model.network, self._model.family.vocabulary, prefix, fills, suffix)
