"""A real engine process around the stand-in model. Takes options of `remask engine`, and --rules.

    python tests/standin/engine.py [--rules FILE]

To have a server start it, set (paths absolute, because engines run in the log's folder)

    REMASK_ENGINE_COMMAND='["/path/to/python", "/path/to/tests/standin/engine.py"]'
    REMASK_RUNTIME_DIR, REMASK_LOG_DIR   directories of the test's own, so that engines do not meet
    REMASK_STANDIN_FILL                  what to fill in, or
    REMASK_STANDIN_RULES                 a JSON file: see standin.py
"""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path

from standin import load_standin

from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import EngineSettings
from lsp_server.engine.runtime.main import run
from lsp_server.engine.runtime.team.listen import Place, certificate_for
from lsp_server.engine.runtime.team.serve import Team, serve_team

LONGEST_IDLE_MINUTES = 10.0
"""An engine that a test left behind is gone some day; longer than any test waits."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Run an engine around a stand-in for the model.")
    parser.add_argument("--model", default="standin")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--idle-minutes", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--parallel", type=int, default=0)
    parser.add_argument("--memory-mb", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--listen", default="", help="serve a team there")
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--tls-certificate", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--drain-seconds", type=float, default=20.0)
    given = parser.parse_args()
    settings = EngineSettings(idle_minutes=min(given.idle_minutes, LONGEST_IDLE_MINUTES))
    load = functools.partial(load_standin, path=given.rules)
    try:
        if given.listen:
            place = Place.parse(given.listen)
            certificate = certificate_for(place, given.tls_certificate, given.tls_key, insecure_http=False)
            team = Team(place, given.keys, certificate, drain_s=given.drain_seconds)
            serve_team(model=given.model, team=team, settings=settings, load=load)
        else:
            run(model=given.model, port=given.port, settings=settings, load=load)
    except RemaskError as problem:
        sys.exit(f"remask: {problem}")


if __name__ == "__main__":
    main()
