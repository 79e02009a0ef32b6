"""What the VS Code extension declares, against what the server means by it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from lsp_server.core.settings import Settings
from lsp_server.core.types import SILENCE_TEXT
from lsp_server.lsp import commands, denoise, doubts
from lsp_server.lsp.handlers import next_edit
from lsp_server.lsp.options import _CLIENTS_OWN, _LIMITS, SECTION, parse_options
from lsp_server.lsp.status import METHOD

EXTENSION = Path(__file__).parents[2] / "vscode-extension"
PACKAGE = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
WIRE = json.loads((EXTENSION / "src" / "wire.json").read_text(encoding="utf-8"))
DECLARED: dict[str, dict[str, Any]] = {
    key.removeprefix(f"{SECTION}."): schema
    for part in PACKAGE["contributes"]["configuration"]
    for key, schema in part["properties"].items()
}
SERVERS = {key: schema for key, schema in DECLARED.items() if key.split(".")[0] not in _CLIENTS_OWN}
JSON_TYPES: dict[object, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


def leaves(group: object, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Key, type and default of every setting."""
    for each in fields(group):  # type: ignore[arg-type]
        key, value = path + camel(each.name), getattr(group, each.name)
        if is_dataclass(value):
            yield from leaves(value, f"{key}.")
        else:
            yield key, get_type_hints(type(group))[each.name], value


SETTINGS = list(leaves(Settings()))


def test_every_setting_is_declared_and_no_other() -> None:
    """Neither side knows a setting that the other does not."""
    assert sorted(SERVERS) == sorted(key for key, _, _ in SETTINGS)


@pytest.mark.parametrize(("key", "hint", "default"), SETTINGS, ids=[key for key, _, _ in SETTINGS])
def test_a_setting_is_declared_as_the_server_reads_it(key: str, hint: object, default: object) -> None:
    """Type, choices, bounds and default are the server's, and there is a description."""
    schema = SERVERS[key]
    choices = [choice for choice in get_args(hint) if isinstance(choice, str)]
    assert schema["type"] == ("string" if choices else JSON_TYPES.get(hint, "object"))
    assert schema.get("enum", []) == choices
    assert schema["default"] == default
    bounds = (schema["minimum"], schema["maximum"]) if "minimum" in schema else None
    assert bounds == _LIMITS.get(key)
    assert schema["markdownDescription"].endswith((".", ")"))


def test_the_declared_defaults_are_the_servers_settings() -> None:
    """What VS Code sends where a user chose nothing gives the server's own defaults, without a warning."""
    nested: dict[str, Any] = {}
    for key, schema in DECLARED.items():
        *groups, name = key.split(".")
        at = nested
        for group in groups:
            at = at.setdefault(group, {})
        at[name] = schema["default"]
    warnings: list[str] = []
    assert parse_options(nested, warnings.append) == Settings()
    assert warnings == []


@pytest.mark.parametrize("name", ["url", "kind", "remoteModel", "prompt", "plainHttp", "caFile", "fallback"])
def test_a_workspace_may_not_say_where_code_goes(name: str) -> None:
    """VS Code takes these from the user's settings and the machine's alone."""
    assert SERVERS[f"engine.{name}"]["scope"] == "machine"


def test_what_is_started_or_read_is_not_an_untrusted_workspaces() -> None:
    """VS Code keeps its programs, packages and models back until the user trusts it."""
    restricted = PACKAGE["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert restricted == ["remask.command", "remask.model", "remask.package"]


def test_the_wire_is_the_servers() -> None:
    """Commands, the status notification and the words for silences."""
    known = {value for name, value in vars(commands).items() if name.isupper() and isinstance(value, str)}
    assert set(WIRE["commands"].values()) <= known
    assert (WIRE["status"], WIRE["denoise"]) == (METHOD, denoise.METHOD)
    assert (WIRE["doubts"], WIRE["nextEdit"]) == (doubts.METHOD, next_edit.METHOD)
    assert WIRE["silences"] == {silence.value: text for silence, text in SILENCE_TEXT.items()}


def test_no_command_is_the_servers() -> None:
    """The language client registers the server's commands itself; a second of the same id would fail."""
    contributed = {each["command"] for each in PACKAGE["contributes"]["commands"]}
    servers = {value for name, value in vars(commands).items() if name.isupper() and isinstance(value, str)}
    assert not contributed & servers


def test_what_is_contributed_is_implemented() -> None:
    """Each command of the manifest stands in the source, and what menus and keys name is a command."""
    contributed = {each["command"] for each in PACKAGE["contributes"]["commands"]}
    source = "".join(path.read_text(encoding="utf-8") for path in EXTENSION.glob("src/**/*.ts"))
    assert {command for command in contributed if f'"{command}"' not in source} == set()
    menus = [entry for menu in PACKAGE["contributes"]["menus"].values() for entry in menu]
    named = {
        entry["command"] for entry in [*menus, *PACKAGE["contributes"]["keybindings"]] if "command" in entry
    }
    assert named <= contributed


def test_no_address_is_in_the_lock_file() -> None:
    """Packages come from wherever the user's npm is told to look."""
    lock = (EXTENSION / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
