"""The manifest that ships is sound, and an unsound one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.store.manifest import (
    ModelEntry,
    WheelSource,
    checkpoint,
    checkpoints,
    entry,
    models,
    parse_checkpoints,
    parse_manifest,
)


def _valid() -> dict[str, Any]:
    file = {"name": "a.gguf", "size": 1, "sha256": "0" * 64}
    model = {
        "name": "a",
        "title": "A",
        "licence": "MIT",
        "base": "b/a",
        "revision": "main",
        "memory_mib": 1,
        "adapter": "a.safetensors",
        "files": [file],
        "sources": [{"kind": "hub", "repo": "b/a"}],
    }
    return {"format": 1, "models": [model]}


def test_default_model_is_there() -> None:
    """The default model of the settings is the manifest's first."""
    assert models()[0] == entry(DEFAULT_MODEL)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_parts_add_up(model: ModelEntry) -> None:
    """The parts of every wheel source are as long together as the file they make."""
    sizes = {file.name: file.size for file in model.files}
    for source in model.sources:
        if isinstance(source, WheelSource):
            assert sum(part.size for part in source.parts) == sizes[source.file]


def test_unknown_name() -> None:
    """An unknown name is bad input whose hint lists the known ones."""
    with pytest.raises(BadInput) as caught:
        entry("gpt")
    assert DEFAULT_MODEL in caught.value.hint


def test_valid_manifest() -> None:
    """The manifest the refused ones are made from is itself accepted."""
    assert [model.name for model in parse_manifest(json.dumps(_valid()).encode())] == ["a"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.update(format=2),
        lambda data: data.pop("models"),
        lambda data: data["models"].append(data["models"][0]),
        lambda data: data["models"][0].update(name="../a"),
        lambda data: data["models"][0].update(files=[]),
        lambda data: data["models"][0].update(sources=[]),
        lambda data: data["models"][0].update(adapter="/etc/passwd"),
        lambda data: data["models"][0]["files"][0].update(sha256="0" * 63),
        lambda data: data["models"][0]["files"][0].update(size=0),
        lambda data: data["models"][0]["files"][0].update(name="a/b"),
        lambda data: data["models"][0]["sources"][0].update(kind="ftp"),
    ],
)
def test_unsound_manifest(spoil: Any) -> None:  # noqa: ANN401
    """Other formats, missing fields, names given twice and names that leave the store are refused."""
    data = _valid()
    spoil(data)
    with pytest.raises(BadInput, match="manifest"):
        parse_manifest(json.dumps(data).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b"null"])
def test_not_json(data: bytes) -> None:
    """What is no JSON object is refused."""
    with pytest.raises(BadInput):
        parse_manifest(data)


def test_checkpoints_of_known_families() -> None:
    """Every published checkpoint is of a family that there is code for, and needs more memory than disk."""
    folder = Path(__file__).parents[4] / "lsp_server" / "engine" / "runtime" / "families"
    for each in checkpoints():
        module = each.family.replace("-", "_")
        assert (folder / f"{module}.py").is_file(), each.name
        assert each.memory_mib > each.size_mib
        assert checkpoint(each.name) == each
    assert checkpoint(DEFAULT_MODEL) is None


@pytest.mark.parametrize("repo", ["", "dream", "a/b/c", "../a/b", "https://hub/a"])
def test_repositories_have_two_parts(repo: str) -> None:
    """What is no repository's name is refused, and a name is given once in the whole manifest."""
    published = {
        "name": "a",
        "title": "A",
        "licence": "MIT",
        "family": "dream",
        "size_mib": 1,
        "memory_mib": 2,
    }
    data = {"format": 1, "models": [], "checkpoints": [published | {"repo": "b/a"}]}
    assert [each.repo for each in parse_checkpoints(json.dumps(data).encode())] == ["b/a"]
    data["checkpoints"] = [published | {"repo": repo}]
    with pytest.raises(BadInput):
        parse_checkpoints(json.dumps(data).encode())
    data = _valid() | {"checkpoints": [published | {"repo": "b/a"}]}
    with pytest.raises(BadInput, match="twice"):
        parse_checkpoints(json.dumps(data).encode())
