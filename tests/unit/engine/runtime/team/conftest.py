from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from lsp_server.engine.runtime.team.keys import add_user


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A file of keys, and the keys of its users."""
    path = tmp_path / "keys"
    return path, {name: add_user(path, name) for name in ("ada", "bob", "metrics")}


@pytest.fixture
def pem(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key."""
    made = trustme.CA().issue_cert("127.0.0.1")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    key.write_bytes(made.private_key_pem.bytes())
    return certificate, key
