"""Two releases of a package, fetched by the registry's ordinary client, and what differs in their files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.archives import read_archive
from corpus.fetch import run_client
from lib.console import Failed

from lsp_server.context.reading import decode
from lsp_server.evaluation.next_edit.replay import Ask, asks

ENDINGS = (".py", ".js", ".mjs", ".ts", ".tsx")
LARGEST = 300_000
"""Characters; a longer file was made by a program."""


@dataclass(frozen=True, slots=True)
class Releases:
    """Two releases of one package."""

    registry: str
    name: str
    old: str
    new: str

    @classmethod
    def of(cls, text: str) -> Releases:
        """Read ``pypi:name:old:new`` or ``npm:name:old:new``; raises `ValueError`."""
        registry, name, old, new = text.split(":")
        if registry not in {"pypi", "npm"}:
            raise ValueError(registry)
        return cls(registry, name, old, new)

    def asks(self, work: Path) -> Iterator[Ask]:
        """A question after each small difference of a file that both releases have. Raises `Failed`."""
        before, after = (self._files(version, work) for version in (self.old, self.new))
        for path in sorted(before.keys() & after.keys()):
            if before[path] != after[path]:
                yield from asks(path, before[path], after[path])

    def _files(self, version: str, work: Path) -> dict[str, str]:
        folder = work / f"{self.registry}-{self.name.replace('/', '+')}-{version}"
        if not folder.is_dir():
            aside = folder.with_name(folder.name + ".part")
            aside.mkdir(parents=True, exist_ok=True)
            run_client(self._command(version), aside)
            aside.rename(folder)
        found: dict[str, str] = {}
        for archive in sorted(folder.iterdir()):
            for path, data in read_archive(archive, _wanted):
                text = decode(data)
                if text is not None and len(text) <= LARGEST:
                    found[path] = text
        if not found:
            raise Failed(f"{self.name} {version} has no files in a language that is replayed")
        return found

    def _command(self, version: str) -> list[str]:
        if self.registry == "npm":
            return ["npm", "pack", "--silent", "--ignore-scripts", f"{self.name}@{version}"]
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
            "download",
            "--quiet",
        ]
        return [*pip, "--no-deps", "--only-binary", ":all:", "--dest", ".", f"{self.name}=={version}"]


def _wanted(path: str) -> bool:
    return path.endswith(ENDINGS) and ".min." not in path
