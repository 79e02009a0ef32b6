"""What the documents say about settings, packages, commands and files is so."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from lsp_server.cli import LazyCommands
from lsp_server.core.settings import Settings
from lsp_server.lsp.options import _LIMITS, SECTION, _camel

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("lsp_server/assets/*.md")])


def settings(group: object, prefix: str) -> Iterator[tuple[str, object]]:
    """Every setting as users write it, with its default as JSON has it."""
    for field in fields(group):  # type: ignore[arg-type]
        name, value = f"{prefix}{_camel(field.name)}", getattr(group, field.name)
        if is_dataclass(value):
            yield from settings(value, f"{name}.")
        else:
            yield name, dict(value) if field.name == "languages" else value


def rows(heading: str) -> dict[str, list[str]]:
    """The first table of a section: the other cells by the first, without back quotes."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table, heading
    lines = [line.strip("|\n ").split(" | ") for line in table[0].splitlines()[2:]]
    return {first.strip("` "): [cell.strip("` ") for cell in rest] for first, *rest in lines}


def test_the_table_of_settings_is_complete() -> None:
    """Every setting stands in it with its default, and nothing else does."""
    told = {name: json.loads(cells[0]) for name, cells in rows("Settings").items()}
    assert told == dict(settings(Settings(), f"{SECTION}."))


@pytest.mark.parametrize(("name", "limits"), _LIMITS.items())
def test_limits_are_told(name: str, limits: tuple[float, float]) -> None:
    """A setting with limits has them in the table."""
    assert rows("Settings")[f"{SECTION}.{name}"][1] == f"{limits[0]} to {limits[1]}"


def test_every_dependency_is_justified() -> None:
    """One row for each package that is installed, also for an optional part, and for no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = itertools.chain(project["dependencies"], *project["optional-dependencies"].values())
    assert set(rows("Dependencies")) == {_name(each) for each in packages}


def test_optional_parts_are_tested() -> None:
    """What an optional part needs, the tests need too, in the same versions."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    optional = itertools.chain(*read["project"]["optional-dependencies"].values())
    assert set(optional) <= set(read["dependency-groups"]["test"])


def test_every_command_is_told() -> None:
    """Every subcommand stands in the table of the command line, and no other."""
    told = {line.split()[1] for line in rows("Command line")}
    assert told == set(LazyCommands().list_commands(None))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every link to a file names one, and every link to a heading of the same document has one."""
    text = document.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w\- ]", "", found).replace(" ", "-").lower() for found in _headings(text)}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not target.startswith("http"):
            assert (document.parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_files_are_there(document: Path) -> None:
    """Every path of the repository that a document names exists."""
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:lsp_server|tests|scripts|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name


def _name(requirement: str) -> str:
    return re.split(r"[<>=]", requirement)[0]


def _headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)
