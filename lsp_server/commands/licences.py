"""`remask licences`: under which terms everything that works here came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution

    from packaging.requirements import Requirement


class Licence(msgspec.Struct, frozen=True):
    """A package or a model, with its licence as whoever published it says."""

    kind: str
    name: str
    version: str
    licence: str


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the licences of the models and of every package that Remask needs here, theirs included."""
    found = [*_models(), *sorted(packages(), key=lambda each: each.name)]
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("", "Name", "Version", "Licence", box=None, pad_edge=False)
    for each in found:
        table.add_row(each.kind, each.name, each.version, each.licence)
    Console(soft_wrap=True).print(table)


def packages(root: str = "remask") -> Iterator[Licence]:
    """Every package that is installed because `root` is, by what each says it requires on this machine."""
    from packaging.utils import canonicalize_name

    seen: set[str] = set()
    ahead: list[tuple[str, frozenset[str]]] = [(root, frozenset())]
    while ahead:
        name, extras = ahead.pop()
        package = _installed(name)
        if package is None:
            continue
        if name not in seen:
            seen.add(name)
            yield Licence("package", name, package.version, _licence(package))
        for needed in _required(package, extras):
            key = canonicalize_name(needed.name)
            if key not in seen:
                ahead.append((key, frozenset(needed.extras)))


def _models() -> Iterator[Licence]:
    from lsp_server.engine.store.manifest import models

    for model in models():
        yield Licence("model", model.name, "", model.licence)


def _installed(name: str) -> Distribution | None:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _required(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    from packaging.requirements import Requirement

    for line in package.requires or ():
        needed = Requirement(line)
        if needed.marker is None or any(needed.marker.evaluate({"extra": each}) for each in extras or {""}):
            yield needed


def _licence(package: Distribution) -> str:
    """The SPDX expression (PEP 639), else what the classifiers say, else the first line of the old field."""
    about = package.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    old = (about.get_all("License") or ["not said"])[0]
    return " AND ".join(classified) or old.split("\n")[0][:80]
