"""The image of a team's engine, as far as can be told without building it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.core.errors import BadInput

ROOT = Path(__file__).parents[3]
FILE = ROOT / "scripts" / "image" / "Containerfile"


def instructions() -> list[tuple[str, str]]:
    """Keyword and arguments of each instruction, as the Dockerfile reference has them."""
    text = re.sub(r"^\s*#.*\n", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def last(keyword: str) -> str:
    return [given for name, given in instructions() if name == keyword][-1]


def test_it_is_slim_and_not_root() -> None:
    """It runs as a number that is not root's, and writes only into its volume."""
    assert "python:3.13-slim" in dict(instructions()[:1])["ARG"]
    assert [given.split()[0] for name, given in instructions() if name == "FROM"] == ["${PYTHON}"] * 2
    user = last("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    order = [name for name, _ in instructions()]
    assert order.index("USER") > len(order) - 1 - order[::-1].index("RUN")
    assert f"REMASK_CACHE_DIR={last('VOLUME')}" in last("ENV")
    assert (last("WORKDIR"), last("STOPSIGNAL")) == (last("VOLUME"), "SIGTERM")


def test_what_is_copied_is_there() -> None:
    """Every source of the context exists; the key and the certificate are none of them."""
    for given in (given for name, given in instructions() if name == "COPY" and "--from" not in given):
        for source in given.split()[:-1]:
            assert (ROOT / source).exists(), source


def test_what_it_runs_is_a_command_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its options are understood: what is missing without the operator's files is the certificate."""
    assert json.loads(last("ENTRYPOINT")) == ["remask"]
    for name, value in re.findall(r"(REMASK_\w+)=(\S+)", last("ENV")):
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(cli.app, json.loads(last("CMD")))
    assert isinstance(result.exception, BadInput)
    assert "/etc/remask/tls.crt" in str(result.exception)


def test_what_the_package_is_made_of_is_copied() -> None:
    """Its description, licences and code; a build stops without them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    needed |= set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = {name for key, given in instructions() if key == "COPY" for name in given.split()[:-1]}
    assert needed <= copied
