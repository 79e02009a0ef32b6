"""Weights that are needed no longer."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file, save_file

from lsp_server.engine.runtime.mapped import page_out

SIZE = 64 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="other systems are not told")
def test_mapped_pages_are_given_back_and_read_again(tmp_path: Path) -> None:
    """What a mapped tensor took is free afterwards, and its content is as it was."""
    save_file({"w": torch.arange(SIZE, dtype=torch.int32).to(torch.int8)}, tmp_path / "w.safetensors")
    mapped = load_file(tmp_path / "w.safetensors")["w"]
    total = int(mapped.sum())
    before = psutil.Process().memory_info().rss
    page_out([mapped])
    assert psutil.Process().memory_info().rss < before - SIZE // 2
    assert int(mapped.sum()) == total


def test_memory_of_its_own_keeps_its_content() -> None:
    """A tensor that no file holds is whole afterwards, as is one smaller than a page."""
    own, small = torch.arange(1 << 20), torch.arange(3)
    page_out([own, small])
    assert torch.equal(own, torch.arange(1 << 20))
    assert torch.equal(small, torch.arange(3))
