"""How a new sketcher begins."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file

from lsp_server.engine.runtime.adapter import load_adapter
from lsp_server.engine.store.adapter import ADAPTER_FORMAT, read_adapter
from lsp_server.training import load
from lsp_server.training.adapted import Adapted, holds
from lsp_server.training.denoiser.denoiser import Denoiser
from lsp_server.training.denoiser.frozen import FrozenBase
from lsp_server.training.denoiser.sketcher import Sketcher
from lsp_server.training.examples.example import Example

ABOUT = {"format": ADAPTER_FORMAT, "base": "toy", "base_sha256": "0" * 64, "rank": "4", "alpha": "4"}


@pytest.fixture
def first(base: FrozenBase, tmp_path: Path) -> Path:
    """An adapter's file without a sketcher."""
    path = tmp_path / "first.safetensors"
    Adapted(Denoiser(base, mask=90, rank=4), ABOUT).save_adapter(path, {})
    return path


def test_a_new_sketcher_joins_the_denoiser_in_its_file(
    base: FrozenBase, example: Example, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fitted, with tokens to propose that its examples hold; the denoiser's tensors stay as they were."""
    monkeypatch.setattr(load, "PROPOSED", 40)
    sketcher = Sketcher(base, layers=(1, 2), features=(1,), rank=8)
    adapted = Adapted(sketcher, ABOUT)
    adapted.carry(first)
    family = SimpleNamespace(ends=frozenset({1}))
    load.begin_sketcher(load.Loaded(adapted, family, 8, sketcher), [example] * 3)  # type: ignore[arg-type]
    assert sketcher.known_map.abs().max() > 0
    path = tmp_path / "both.safetensors"
    adapted.save_adapter(path, {})
    assert read_adapter(path).rank == 4
    assert holds(path, "sketch.ids")
    assert not holds(first, "sketch.ids")
    before, after = load_file(first), load_file(path)
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    sketch = load_adapter(path).sketch
    assert sketch is not None
    ids = set(sketch.own["ids"].tolist())
    assert ids >= {*example.context, *example.middle, 1}
    assert len(ids) > 30


def test_training_goes_on_with_a_sketcher_that_is_there(
    base: FrozenBase, example: Example, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run starts from the file's sketcher and keeps its tokens."""
    monkeypatch.setattr(load, "PROPOSED", 40)
    sketcher = Sketcher(base, layers=(2,), features=(1,), rank=8)
    adapted = Adapted(sketcher, ABOUT)
    adapted.carry(first)
    family = SimpleNamespace(ends=frozenset({1}))
    load.begin_sketcher(load.Loaded(adapted, family, 8, sketcher), [example])  # type: ignore[arg-type]
    path, again = tmp_path / "both.safetensors", tmp_path / "again.safetensors"
    adapted.save_adapter(path, {})
    other = Adapted(Sketcher(base, layers=(2,), features=(1,), rank=8), ABOUT)
    other.start_from(path)
    other.save_adapter(again, {})
    known, kept = load_file(path), load_file(again)
    assert known.keys() == kept.keys()
    assert all(torch.equal(kept[name], tensor) for name, tensor in known.items())


def test_a_sketcher_that_is_not_new_is_left_alone(base: FrozenBase, example: Example) -> None:
    """Nothing is fitted where there is nothing unfitted."""
    sketcher = Sketcher(base, layers=(2,), features=(1,), rank=8)
    family = SimpleNamespace(ends=frozenset({1}))
    load.begin_sketcher(load.Loaded(Adapted(sketcher, ABOUT), family, 8), [example])  # type: ignore[arg-type]
    assert sketcher.known_map.abs().max() == 0


def test_an_adapter_with_half_a_sketcher_is_refused(first: Path) -> None:
    """A file whose sketcher lacks a tensor is no adapter, and says which one."""
    from lsp_server.core.errors import ModelCorrupt

    tensors = load_file(first) | {"sketch.places": torch.zeros(2, 2)}
    save_file(tensors, first, ABOUT)
    with pytest.raises(ModelCorrupt, match="its sketcher has no"):
        read_adapter(first)
