from __future__ import annotations

import json
import subprocess
import sys

import pytest

FORBIDDEN = {
    "torch",
    "transformers",
    "numpy",
    "starlette",
    "uvicorn",
    "huggingface_hub",
    "httpx",
    "gguf",
    "safetensors",
}


@pytest.mark.e2e
def test_the_server_imports_nothing_heavy() -> None:
    """Neither importing nor building the server loads what only engine, training or evaluation need."""
    script = (
        "import json, sys; import lsp_server.app as app; app.build(); print(json.dumps(list(sys.modules)))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, timeout=60
    ).stdout
    modules = json.loads(printed)
    loaded = {name.partition(".")[0] for name in modules}
    assert loaded & FORBIDDEN == set()
    assert not [name for name in modules if name.startswith(("lsp_server.training", "lsp_server.evaluation"))]
    assert "pygls" in loaded
