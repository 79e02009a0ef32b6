"""Whether a file is worth training on, by itself."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path, PurePosixPath

from lsp_server.context.secrets import holds_secret, private_path
from lsp_server.syntax.languages import Language, language_of_path
from lsp_server.training.corpus.generated import generated
from lsp_server.training.corpus.reasons import Reason

SMALLEST = 200
LARGEST = 200_000
"""Code points of a file."""

LEFT_OUT = frozenset({"plaintext", "json", "jsonc", "xml"})
"""Languages in which there is more data than code."""

_COPIES = frozenset({
    *("vendor", "vendored", "_vendor", "third_party", "third-party", "thirdparty", "3rdparty", "deps"),
    *("extern", "external", "externals", "node_modules", "bower_components", "site-packages"),
    *("dist", "build", "_build", "out", "umd", "cjs", "esm", "es6", "min", "wasm", "__pycache__"),
    *("debian", ".github", ".git", "locale", "locales", "snapshots", "__snapshots__"),
    *("testdata", "test_data", "fixtures", "corpus", "corpora"),
})  # fmt: skip
"""Folders of copies, of what tools make, and of data."""

_COPYLEFT = re.compile(
    r"\bGNU (?:Affero |Lesser |Library )?General Public Licen[cs]e"
    r"|SPDX-License-Identifier:[^\n]*\b(?:[AL]?GPL|MPL|EPL|CDDL|SSPL|BUSL)"
    r"|\bMozilla Public License|\bEclipse Public License|\bServer Side Public License|\bCreative Commons\b",
    re.IGNORECASE,
)
_TELLS_LICENCE = 4_000
"""Code points at the head of a file in which its licence stands."""


def wanted_language(path: str) -> Language | None:
    """The language of a file by its name, or None if it is none that is trained on."""
    language = language_of_path(Path(path))
    return None if language is None or language.id in LEFT_OUT else language


def why_not_path(path: str) -> Reason | None:
    """Why a file is left out by where it lies in its package, before it is read."""
    pure = PurePosixPath(path)
    if wanted_language(path) is None:
        return Reason.UNKNOWN
    if private_path(Path(path)):
        return Reason.PRIVATE
    if any(part.lower() in _COPIES for part in pure.parts[:-1]):
        return Reason.PLACE
    return None


def why_not_text(path: str, text: str, language: str, *, permissive_only: bool = True) -> Reason | None:
    """Why a file is left out by what stands in it."""
    if len(text) < SMALLEST:
        return Reason.SMALL
    if len(text) > LARGEST:
        return Reason.LARGE
    if reason := generated(path, text):
        return reason
    if holds_secret(text):
        return Reason.SECRET
    if language == "python" and broken(text):
        return Reason.BROKEN
    return Reason.LICENCE if permissive_only and another_licence(text) else None


def broken(text: str) -> bool:
    """Whether Python code does not parse: a test of a parser, a template, or Python 2."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


def another_licence(text: str) -> bool:
    """Whether a file's head names a licence that is not permissive."""
    return _COPYLEFT.search(text[:_TELLS_LICENCE]) is not None
