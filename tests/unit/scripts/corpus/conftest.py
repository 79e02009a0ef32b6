"""Made-up packages of each registry."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from corpus.packages import Package

Make = Callable[[Package, Mapping[str, str]], list[Path]]


def tar(path: Path, files: Mapping[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes the archives of a package as its registry would."""

    def archives(package: Package, files: Mapping[str, str]) -> list[Path]:
        folder = tmp_path / "made" / package.key
        folder.mkdir(parents=True)
        if package.registry == "pypi":
            path = folder / f"{package.name}-{package.version}-py3-none-any.whl"
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("x.dist-info/METADATA", f"Name: x\nLicense-Expression: {package.licence}\n")
                for name, text in files.items():
                    archive.writestr(name, text)
            return [path]
        if package.registry == "npm":
            manifest = {"package/package.json": json.dumps({"license": package.licence})}
            return [tar(folder / "x.tgz", manifest | {f"package/{name}": files[name] for name in files})]
        rights = f"Files: *\nLicense: {package.licence}\n\nFiles: old/* odd.c\nLicense: GPL-2+\n Text.\n"
        return [
            tar(folder / "x.debian.tar.gz", {"debian/copyright": rights}),
            tar(folder / "x.orig.tar.gz", {f"x-1/{name}": files[name] for name in files}),
        ]

    return archives


@pytest.fixture
def package() -> Callable[..., Package]:
    """A package with some fields of one's own."""

    def made(**fields: object) -> Package:
        usual = {"registry": "pypi", "name": "x", "version": "1", "licence": "MIT", "purpose": "test"}
        return Package(**(usual | fields))  # type: ignore[arg-type]

    return made
