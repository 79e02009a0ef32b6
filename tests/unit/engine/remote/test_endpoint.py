from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.engine.remote.endpoint import Endpoint, is_loopback, tls_context


@pytest.mark.parametrize(
    ("given", "url", "loopback"),
    [
        ("https://gpu-box:8443/v1/", "https://gpu-box:8443", False),
        ("gpu-box:8000", "https://gpu-box:8000", False),
        ("127.0.0.1:30000", "http://127.0.0.1:30000", True),
        ("localhost:8000/v1", "http://localhost:8000", True),
        ("http://[::1]:8000", "http://[::1]:8000", True),
        ("https://api.example.com/openai/v1", "https://api.example.com/openai", False),
        (" https://API.inceptionlabs.ai ", "https://api.inceptionlabs.ai", False),
    ],
)
def test_addresses(given: str, url: str, loopback: bool) -> None:
    """What is not loopback is asked by TLS if nothing else is said, and `/v1` may be left out."""
    endpoint = Endpoint.of(given)
    assert (endpoint.url, endpoint.loopback, endpoint.secure) == (url, loopback, url.startswith("https"))


@pytest.mark.parametrize(
    "given",
    [
        "http://gpu-box:8000",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://me:secret@gpu-box",
        "https://gpu-box?key=secret",
        "ftp://gpu-box",
        "https://",
        "https://gpu-box:99999",
        "https://[::1",
        "\0",
    ],
)
def test_what_is_refused(given: str) -> None:
    """Other machines without TLS, logins and keys in the address, what is none; no secret is repeated."""
    with pytest.raises(BadInput) as refused:
        Endpoint.of(given)
    assert "secret" not in str(refused.value)


def test_plain_http_can_be_allowed() -> None:
    """Only if it is said."""
    assert not Endpoint.of("http://gpu-box:8000", plain_http=True).secure


@pytest.mark.parametrize("host", ["127.8.9.10", "::1", "LOCALHOST", "localhost."])
def test_loopback(host: str) -> None:
    """All names of this machine that cannot be another's."""
    assert is_loopback(host)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_file_that_holds_no_authority_is_named(tmp_path: Path, content: bytes | None) -> None:
    """Instead of a TLS error at the first request."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=r"engine\.caFile"):
        tls_context(str(path))
