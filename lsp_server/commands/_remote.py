"""The remote engine of the command line: its address from the environment, and the user's consent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.remote.consent import Consents
from lsp_server.engine.remote.endpoint import Endpoint
from lsp_server.engine.remote.key import key_for

if TYPE_CHECKING:
    from lsp_server.commands._checks import Check

URL_VARIABLE = "REMASK_ENGINE_URL"
CONSENT_VARIABLE = "REMASK_REMOTE_CONSENT"
"""Hosts or origins, with commas between them, that commands may send code to without asking."""


def with_remote(options: Mapping[str, object]) -> dict[str, object]:
    """Options of a command, and with them the engine that the environment names."""
    url = os.environ.get(URL_VARIABLE, "").strip()
    engine = options.get("engine")
    chosen = dict(engine) if isinstance(engine, Mapping) else {}
    return {**options, "engine": {"url": url, **chosen}} if url else dict(options)


def settle_consent(settings: EngineSettings, consents: Consents) -> None:
    """Have it decided whether code may be sent to the engine of `settings`: by the environment or a person.

    Without a terminal nobody is asked, and nothing is sent.

    Raises:
        BadInput: the address makes no sense or is not safe.
        RemaskError: the answer cannot be kept.
    """
    endpoint = Endpoint.of(settings.url, plain_http=settings.plain_http)
    if consents.allows(endpoint):
        return
    named = {each.strip() for each in os.environ.get(CONSENT_VARIABLE, "").split(",")}
    if named & {endpoint.host, endpoint.origin}:
        consents.allow_once(endpoint)
    elif sys.stdin.isatty() and sys.stderr.isatty() and endpoint.origin not in consents.answers():
        import typer

        question = f"Send the code around the place, and related code, to {endpoint.origin}?"
        consents.note(endpoint, allowed=typer.confirm(question, default=False, err=True))


def remote_checks() -> Iterator[Check]:
    """What the doctor says about code that may leave the machine."""
    from lsp_server.commands._checks import Check

    answers = Consents().answers()
    allowed = [f"{origin} (since {answer.on})" for origin, answer in answers.items() if answer.allowed]
    if not allowed:
        yield Check("remote engine", "ok", "none allowed: code stays on this machine")
    for origin in allowed:
        endpoint = Endpoint.of(origin.split(" ")[0], plain_http=True)
        key = key_for(endpoint)
        value = f"code may be sent to {origin}; key: {f'from {key.source}' if key else 'none'}"
        advice = f"Forbid it with `remask remote forbid {endpoint.origin}`."
        yield Check("remote engine", "note", value, advice)
    if url := os.environ.get(URL_VARIABLE, "").strip():
        yield _environments(url)


def _environments(url: str) -> Check:
    from lsp_server.commands._checks import Check
    from lsp_server.core.errors import BadInput

    try:
        endpoint = Endpoint.of(url)
    except BadInput as problem:
        return Check("remote engine", "problem", f"${URL_VARIABLE}: {problem.args[0]}", problem.hint)
    return Check("remote engine", "note", f"commands ask {endpoint.origin} (${URL_VARIABLE})")
