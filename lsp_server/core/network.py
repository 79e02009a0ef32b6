"""Every reason for which Remask uses a network, and which modules do: there is no other.

`remask doctor` lists them. A test compares `MODULES` with what is imported, and another
watches a server and an engine at work.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is fetched or sent: `when` it happens, and `sent`, what the other side learns."""

    name: str
    when: str
    sent: str


MODEL = Reason("model", "only when you pull it", "which model; nothing of yours")
INSTALLATION = Reason(
    "installation",
    "only when you install, or agree to it in VS Code",
    "names of Python packages; nothing of yours",
)
REMOTE = Reason(
    "remote engine",
    "only if you set engine.url, and for another machine than this after you allowed it",
    "the code around the cursor or selected, related code of the workspace, and your key to that server",
)
TEAM = Reason(
    "engine for a team",
    "only if you run `remask engine --listen`",
    "answers, to those who ask with a key; nothing is sent unasked",
)
REASONS = (MODEL, INSTALLATION, REMOTE, TEAM)

LOOPBACK = "loopback"
"""For a module that only speaks to processes of this machine."""

MODULES: dict[str, Reason | str] = {
    "lsp_server.engine.store.sources.hub": MODEL,
    "lsp_server.engine.store.sources.pip": MODEL,
    "lsp_server.engine.store.sources.repository": MODEL,
    "lsp_server.engine.link": REMOTE,
    "lsp_server.engine.remote.connect": REMOTE,
    "lsp_server.engine.remote.failures": REMOTE,
    "lsp_server.engine.remote.server": REMOTE,
    "lsp_server.engine.runtime.main": LOOPBACK,
    "lsp_server.engine.runtime.team.listen": TEAM,
    "lsp_server.engine.runtime.team.serve": TEAM,
    "lsp_server.commands._checks": LOOPBACK,
    "lsp_server.lsp.transport": LOOPBACK,
}
