"""Where an engine may listen."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.engine.runtime.team.listen import Certificate, Place, certificate_for


@pytest.mark.parametrize(
    ("given", "host", "port", "loopback"),
    [
        ("127.0.0.1:8765", "127.0.0.1", 8765, True),
        ("127.9.9.9:1", "127.9.9.9", 1, True),
        ("[::1]:8765", "::1", 8765, True),
        ("0.0.0.0:0", "0.0.0.0", 0, False),  # noqa: S104 -- nothing listens there
        ("[::]:443", "::", 443, False),
        ("10.0.0.7:443", "10.0.0.7", 443, False),
    ],
)
def test_places(given: str, host: str, port: int, loopback: bool) -> None:
    """Both kinds of addresses; what is on every interface is not loopback."""
    place = Place.parse(given)
    assert (place.host, place.port, place.loopback) == (host, port, loopback)
    assert str(place) == given


@pytest.mark.parametrize(
    "given",
    ["", ":80", "80", "localhost", "a:b", "::1:80", "127.0.0.1:99999", "http://x:80", "no.such.invalid:1"],
)
def test_what_is_no_place(given: str) -> None:
    """A sentence, no traceback."""
    with pytest.raises(BadInput):
        Place.parse(given)


def test_a_port_that_is_taken() -> None:
    """The second to listen is told so."""
    with Place.parse("127.0.0.1:0").open() as first:
        port = first.getsockname()[1]
        with pytest.raises(BadInput, match=f"cannot listen on 127.0.0.1:{port}"):
            Place.parse(f"127.0.0.1:{port}").open()


def test_beyond_loopback_only_by_tls_or_by_saying_so(pem: tuple[Path, Path]) -> None:
    """Plain HTTP is refused for every address but loopback, unless it is asked for by name."""
    near, far = Place.parse("127.0.0.1:1"), Place("192.0.2.1", 1, socket.AF_INET, loopback=False)
    assert certificate_for(near, None, None, insecure_http=False) is None
    assert certificate_for(far, None, None, insecure_http=True) is None
    assert certificate_for(far, *pem, insecure_http=False) is not None
    with pytest.raises(BadInput, match="without TLS"):
        certificate_for(far, None, None, insecure_http=False)
    with pytest.raises(BadInput, match="go together"):
        certificate_for(far, pem[0], None, insecure_http=True)


def test_files_that_are_no_certificate(tmp_path: Path, pem: tuple[Path, Path]) -> None:
    """Missing, garbled, or a key that is another's."""
    _, key = pem
    with pytest.raises(BadInput, match="cannot use"):
        Certificate(tmp_path / "none", key)
    with pytest.raises(BadInput, match="cannot use"):
        Certificate(key, key)


def test_a_renewed_certificate_is_taken_in(pem: tuple[Path, Path]) -> None:
    """Once it has changed; one that does not fit leaves the old one in use, and is said once."""
    certificate = Certificate(*pem)
    assert not certificate.refresh()
    os.utime(pem[0], ns=(1, 1))
    assert certificate.refresh()
    pem[0].write_text("half written", encoding="utf-8")
    with pytest.raises(BadInput):
        certificate.refresh()
    assert not certificate.refresh()
