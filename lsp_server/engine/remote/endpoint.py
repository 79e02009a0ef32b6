"""Where a remote engine is, what may be said to it, and whether that is encrypted."""

from __future__ import annotations

import ipaddress
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from lsp_server.core.errors import BadInput

_NAME = re.compile(r"[\w.:%-]+")
_HINT = "Write engine.url as in https://gpu-box:8000 or http://127.0.0.1:30000."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address: `origin` is scheme, host and port, `path` what is before the routes, less `/v1`."""

    origin: str
    host: str
    path: str
    secure: bool

    @property
    def url(self) -> str:
        """The address that routes such as ``/v1/models`` are put behind."""
        return self.origin + self.path

    @property
    def loopback(self) -> bool:
        """Whether it is this machine, as far as its name tells."""
        return is_loopback(self.host)

    @classmethod
    def of(cls, url: str, *, plain_http: bool = False) -> Endpoint:
        """Read a URL; without a scheme it means TLS, except on loopback.

        Raises:
            BadInput: it is no http(s) URL, it holds a login or a query, or it would send code to
                another machine without TLS and `plain_http` does not allow that.
        """
        given = url.strip()
        bare = "://" not in given
        try:
            parts = urlsplit(f"//{given}" if bare else given)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise BadInput(f"engine.url is not a URL: {error}", hint=_HINT) from error
        scheme = parts.scheme or ("http" if is_loopback(host) else "https")
        if not _NAME.fullmatch(host) or scheme not in {"http", "https"}:
            raise BadInput("engine.url is not an http or https URL", hint=_HINT)
        if parts.username is not None or parts.query or parts.fragment:
            raise BadInput(
                "engine.url must hold no login, query or fragment",
                hint="Keep the key in the keyring with `remask remote key`, or in REMASK_ENGINE_KEY.",
            )
        if scheme == "http" and not (plain_http or is_loopback(host)):
            raise BadInput(
                f"engine.url would send code to {host} without encryption",
                hint="Use https, or set engine.plainHttp if the network between is your own.",
            )
        name = f"[{host}]" if ":" in host else host
        origin = f"{scheme}://{name}" + (f":{port}" if port else "")
        path = parts.path.rstrip("/").removesuffix("/v1")
        return cls(origin, host, path, scheme == "https")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine by its very name."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Checks certificates and names, by the system's authorities, certifi's, and those of `ca_file`.

    Raises:
        BadInput: `ca_file` cannot be read or holds no certificate.
    """
    import certifi

    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise BadInput(f"engine.caFile cannot be used: {error}", hint="It is a PEM file.") from error
    return context
