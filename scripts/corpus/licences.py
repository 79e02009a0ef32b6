"""Whether a package states the licence that the list gives it."""

from __future__ import annotations

import email
import json
import re
from collections.abc import Sequence
from pathlib import Path

from lib.console import Failed

from corpus.archives import read_archive
from corpus.packages import Package

_STATED = {
    "MIT": r"\bMIT\b|\bExpat\b|\bX11\b",
    "MIT-0": r"\bMIT-0\b",
    "BSD-2-Clause": r"\bBSD\b|\bBSD-2",
    "BSD-3-Clause": r"\bBSD\b|\bBSD-3",
    "0BSD": r"\b0BSD\b",
    "Apache-2.0": r"\bApache\b",
    "ISC": r"\bISC\b",
    "PSF-2.0": r"\bPSF\b|Python Software Foundation",
    "Zlib": r"\bzlib\b",
    "curl": r"\bcurl\b",
}
"""How packages write it."""
_SHOWN = 200


def check_licence(package: Package, archives: Sequence[Path]) -> None:
    """Compare the list with the package's own metadata.

    Raises:
        Failed: it states another licence, or none.
    """
    stated = "; ".join(text for path in archives for text in _statements(package, path))
    if not re.search(_STATED[package.licence], stated, re.IGNORECASE):
        raise Failed(
            f"{package.name}: {package.licence} in the list, but it states {stated[:_SHOWN] or 'nothing'!r}"
        )


def _statements(package: Package, path: Path) -> list[str]:
    read = {"pypi": _wheel, "npm": _manifest, "debian": _copyright}[package.registry]
    return read(path)


def _wheel(path: Path) -> list[str]:
    for _, data in read_archive(path, lambda name: name.endswith(".dist-info/METADATA")):
        fields = email.message_from_bytes(data)
        classifiers = [text for text in fields.get_all("Classifier", []) if text.startswith("License ::")]
        stated = [fields.get("License-Expression"), fields.get("License"), *classifiers]
        return [text.splitlines()[0] for text in stated if text]
    return []


def _manifest(path: Path) -> list[str]:
    for _, data in read_archive(path, lambda name: name == "package.json"):
        return [str(json.loads(data).get("license", ""))]
    return []


def _copyright(path: Path) -> list[str]:
    """What debian/copyright says of the whole package, which is ``Files: *`` where that stands."""
    text = _copyright_text(path)
    whole = [licence for files, licence in _paragraphs(text) if "*" in files]
    return whole or [text]


def other_files(archives: Sequence[Path]) -> tuple[str, ...]:
    """Patterns of the files that debian/copyright puts under licences that are not permissive."""
    return tuple(
        pattern
        for path in archives
        for files, licence in _paragraphs(_copyright_text(path))
        if "*" not in files
        and not any(re.search(stated, licence, re.IGNORECASE) for stated in _STATED.values())
        for pattern in files
    )


def _copyright_text(path: Path) -> str:
    if ".debian.tar." not in path.name:
        return ""
    for _, data in read_archive(path, lambda name: name == "copyright"):
        return data.decode("utf-8", "replace")
    return ""


def _paragraphs(text: str) -> list[tuple[list[str], str]]:
    """Patterns of files and the name of their licence, for each paragraph that has both."""
    found: list[tuple[list[str], str]] = []
    for paragraph in re.split(r"\n[ \t]*\n", text):
        files = re.search(r"(?ms)^Files:(.*?)(?=^\S|\Z)", paragraph)
        licence = re.search(r"(?m)^License:[ \t]*(\S.*)$", paragraph)
        if files and licence:
            found.append((files[1].split(), licence[1]))
    return found
