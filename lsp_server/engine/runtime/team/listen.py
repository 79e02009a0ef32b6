"""Where an engine listens, and what must be given before it may listen beyond loopback."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from lsp_server.core.errors import BadInput

_PLACE = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})")
BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port; `port` 0 is any free one."""

    host: str
    port: int
    family: socket.AddressFamily
    loopback: bool

    @classmethod
    def parse(cls, given: str) -> Place:
        """Of ``HOST:PORT`` or ``[IPv6]:PORT``.

        Raises:
            BadInput: it is neither, or the host has no address here.
        """
        found = _PLACE.fullmatch(given)
        if found is None or int(found["port"]) > 0xFFFF:
            raise BadInput(f"{given!r} is no HOST:PORT", hint="As in 0.0.0.0:8443 or [::1]:8443.")
        host, port = found["v6"] or found["host"], int(found["port"])
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except OSError as error:
            raise BadInput(f"{host} is no address of this machine: {error.strerror}") from error
        name = str(address[0])
        return cls(name, port, family, ipaddress.ip_address(name.partition("%")[0]).is_loopback)

    def open(self) -> socket.socket:
        """A socket that listens.

        Raises:
            BadInput: there is none to be had.
        """
        try:
            return socket.create_server((self.host, self.port), family=self.family, backlog=BACKLOG)
        except OSError as error:
            raise BadInput(
                f"cannot listen on {self}: {error.strerror}", hint="Choose another place with --listen."
            ) from error

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.family is socket.AF_INET6 else self.host
        return f"{host}:{self.port}"


class Certificate:
    """A certificate with its key; both files are read again when they have changed, as by a renewal."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raise `BadInput` if they cannot be read or do not fit each other."""
        self._certificate, self._key = certificate, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._seen = self._version()
        self._load()

    def refresh(self) -> bool:
        """Whether the files had changed and were read; connections that are open keep what they have.

        Raises:
            BadInput: they have changed, and do not fit; the old ones stay in use.
        """
        version = self._version()
        if version == self._seen:
            return False
        self._seen = version
        self._load()
        return True

    def _load(self) -> None:
        try:  # first elsewhere: what does not fit must not take the place of what does
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._certificate, self._key)
            self.context.load_cert_chain(self._certificate, self._key)
        except (OSError, ssl.SSLError) as error:
            raise BadInput(f"cannot use {self._certificate} with {self._key}: {error}") from error

    def _version(self) -> list[int]:
        return [path.stat().st_mtime_ns for path in (self._certificate, self._key) if path.exists()]


def certificate_for(
    place: Place, certificate: Path | None, key: Path | None, *, insecure_http: bool
) -> Certificate | None:
    """The certificate to serve with; None for plain HTTP, where that is allowed.

    Raises:
        BadInput: one of the files is missing, or anybody on the way could read along.
    """
    if (certificate is None) != (key is None):
        raise BadInput("--tls-certificate and --tls-key go together")
    if certificate is not None and key is not None:
        return Certificate(certificate, key)
    if not place.loopback and not insecure_http:
        raise BadInput(
            f"not listening on {place} without TLS: whoever is between could read code and keys",
            hint="Give --tls-certificate and --tls-key. If a proxy in front of it does TLS, "
            "say so with --insecure-http.",
        )
    return None
