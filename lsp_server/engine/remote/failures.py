"""What goes wrong with a remote engine, as errors for people, none of which repeats a key."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from lsp_server.core.errors import EngineFailed, EngineUnavailable, RemaskError

if TYPE_CHECKING:
    import httpx

MOST_SAID = 300
"""Characters of a server's own words that are repeated."""


class Unsupported(EngineFailed):
    """This kind of server cannot do what was asked; the local engine can."""


class Hopeless(EngineUnavailable):
    """Asking again does not help before somebody changes something."""


class KeyRefused(Hopeless):
    """The server wants a key, or another one."""


class Unreachable(EngineUnavailable):
    """The server did not answer, or not now. `wait_s` is how long it asks to be left alone."""

    def __init__(self, message: str, *, hint: str = "", wait_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.wait_s = wait_s


class BadRequest(EngineFailed):
    """The server understood and refused; `said` is why, in its own words."""

    def __init__(self, message: str, *, said: str) -> None:
        super().__init__(message)
        self.said = said


class _Said(msgspec.Struct):
    message: str = ""


class _Body(msgspec.Struct):
    error: _Said | str | None = None
    message: str | None = None
    detail: object = None


_BODY = msgspec.json.Decoder(_Body)
_LATER = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_KEY_HINT = "Store the key with `remask remote key URL`, or set REMASK_ENGINE_KEY."


def said_in(body: bytes) -> str:
    """The message in an error's body, as OpenAI, vLLM, SGLang and Remask write it; "" without one."""
    try:
        found = _BODY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    words = found.error.message if isinstance(found.error, _Said) else found.error
    text = words or found.message or (found.detail if isinstance(found.detail, str) else "")
    return " ".join(text.split())[:MOST_SAID]


def refusal(host: str, status: int, body: bytes, retry_after: str | None = None) -> RemaskError:
    """The error for an answer that is not 200."""
    said = said_in(body)
    words = f": {said}" if said else ""
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return KeyRefused(f"{host} wants another key (HTTP status {status})", hint=_KEY_HINT)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return KeyRefused(f"{host} wants to be paid first{words}")
    if status in _LATER:
        wait_s = _seconds(retry_after)
        return Unreachable(f"{host} cannot answer now (HTTP status {status}{words})", wait_s=wait_s)
    if status == HTTPStatus.NOT_FOUND:
        return Hopeless(
            f"{host} has no such route or model (HTTP status 404{words})",
            hint="Check engine.url, engine.kind and engine.remoteModel.",
        )
    return BadRequest(f"{host} refused the request (HTTP status {status}{words})", said=said)


def broken(host: str, error: httpx.TransportError) -> RemaskError:
    """The error for a connection that could not be made, broke, or took too long."""
    import httpx

    if untrusted := _certificate(error):
        return Unreachable(
            f"the certificate of {host} is not trusted: {untrusted}",
            hint="Set engine.caFile to the file of the authority that signed it.",
        )
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"{host} did not answer in time")
    return Unreachable(f"{host} does not answer ({type(error).__name__})")


def _certificate(error: BaseException) -> str:
    """What OpenSSL says about a certificate, looked for in the causes of an error."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ssl.SSLCertVerificationError):
            return at.verify_message
        at = at.__cause__ or at.__context__
    text = str(error)
    return text if "CERTIFICATE_VERIFY_FAILED" in text else ""


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None  # a date; rare enough to be waited for as if nothing had been said
