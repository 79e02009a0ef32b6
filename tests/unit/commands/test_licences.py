"""Licences of what is installed, and which are allowed."""

from __future__ import annotations

import json
import re

from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.commands.licences import packages

ALLOWED = re.compile(
    r"Apache|BSD|MIT|ISC|MPL|Mozilla|PSF|Python Software Foundation|Zlib|CC0|BSL-1\.0|CNRI|Unlicense|HPND"
)
"""Licences that let anybody use, change and pass on what is built with the package."""


def test_every_package_has_a_licence_that_lets_users_go_on() -> None:
    """Of everything Remask needs, and of what that needs, each licence is permissive or weak."""
    found = {each.name: each.licence for each in packages()}
    assert {"remask", "torch", "pygls", "markupsafe"} <= found.keys()
    assert {name: licence for name, licence in found.items() if not ALLOWED.search(licence)} == {}
    assert {name: licence for name, licence in found.items() if re.search(r"\bA?GPL", licence)} == {}


def test_the_list_has_models_and_packages() -> None:
    """As a table and as JSON."""
    rows = json.loads(CliRunner().invoke(cli.app, ["licences", "--json"]).output)
    licences = {(row["kind"], row["name"]): row["licence"] for row in rows}
    assert licences["model", "qwen2.5-coder-0.5b-fim"] == "Apache-2.0"
    assert licences["package", "remask"] == "Apache-2.0"
    shown = CliRunner().invoke(cli.app, ["licences"]).output
    assert "qwen2.5-coder-0.5b-fim" in shown
