"""An adapter's header is read without a tensor library, and believed only if it fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.store.adapter import ADAPTER_FORMAT, adapter_info, read_adapter
from lsp_server.engine.store.files import adapter_path
from lsp_server.engine.store.manifest import ModelEntry, models

METADATA = {"format": ADAPTER_FORMAT, "base": "b/a", "base_sha256": "0" * 64, "rank": "2", "alpha": "2"}
A, B = "layers.0.q_proj.lora_A", "layers.0.q_proj.lora_B"


def _header() -> dict[str, Any]:
    return {
        "__metadata__": dict(METADATA),
        A: {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]},
        B: {"dtype": "BF16", "shape": [4, 2], "data_offsets": [12, 28]},
        "mask_embedding": {"dtype": "BF16", "shape": [3], "data_offsets": [28, 34]},
    }


def _write(path: Path, header: dict[str, Any], body: int = 34) -> Path:
    raw = json.dumps(header).encode()
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + bytes(body))
    return path


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_shipped_adapter(model: ModelEntry) -> None:
    """Every model's adapter ships, is sound, was trained on the very base, and has a model card."""
    info = adapter_info(model)
    assert info.base_sha256 == model.files[0].sha256
    assert info.rank > 0
    assert adapter_path(model).with_suffix(".md").is_file()


def test_reads_metadata(tmp_path: Path) -> None:
    """The numbers in the metadata, which safetensors stores as text, come out as numbers."""
    info = read_adapter(_write(tmp_path / "a", _header()))
    assert (info.rank, info.alpha, info.base) == (2, 2.0, "b/a")


def test_adapter_of_another_base() -> None:
    """An adapter is refused on a base it was not trained on."""
    model = models()[0]
    file = msgspec.structs.replace(model.files[0], sha256="1" * 64)
    with pytest.raises(ModelCorrupt, match="another base"):
        adapter_info(msgspec.structs.replace(model, files=(file,)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda header: header.pop("__metadata__"),
        lambda header: header["__metadata__"].update(format="remask-adapter-9"),
        lambda header: header["__metadata__"].update(rank="0"),
        lambda header: header["__metadata__"].update(rank="many"),
        lambda header: header["__metadata__"].update(rank="4"),
        lambda header: header.pop("mask_embedding"),
        lambda header: header.pop(A),
        lambda header: header.update({"layers.0.q_proj.weight": header[A]}),
        lambda header: header[A].update(shape=[3, 2]),
        lambda header: header[B].update(shape=[2]),
        lambda header: header["mask_embedding"].update(data_offsets=[28, 36]),
        lambda header: header["mask_embedding"].update(shape="three"),
    ],
)
def test_unsound_header(tmp_path: Path, spoil: Any) -> None:  # noqa: ANN401
    """A header whose metadata or tensors do not fit together is refused."""
    header = _header()
    spoil(header)
    with pytest.raises(ModelCorrupt, match="not a Remask adapter"):
        read_adapter(_write(tmp_path / "a", header))


@pytest.mark.parametrize("data", [b"", b"\0" * 8, b"\xff" * 64, (5).to_bytes(8, "little") + b"hello"])
def test_not_safetensors(tmp_path: Path, data: bytes) -> None:
    """Any other file is refused without reading far."""
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(ModelCorrupt, match="not a Remask adapter"):
        read_adapter(path)


def test_cut_off_file(tmp_path: Path) -> None:
    """A file that ends before its tensors do is refused."""
    with pytest.raises(ModelCorrupt, match="34 bytes, the file holds 20"):
        read_adapter(_write(tmp_path / "a", _header(), body=20))
