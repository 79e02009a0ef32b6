"""No network without a reason that is listed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import lsp_server
from lsp_server.core.network import LOOPBACK, MODULES, REASONS

ROOT = Path(lsp_server.__file__).parent
SPEAKING = {
    "aiohttp", "asyncio.open_connection", "asyncio.start_server", "ftplib", "http.client", "httpx",
    "huggingface_hub", "pip", "requests", "smtplib", "socket", "socketserver", "urllib.request", "urllib3",
    "uvicorn", "websockets", "xmlrpc",
}  # fmt: skip
"""What can speak to other machines, or has other programs do it."""


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


def _used(tree: ast.Module) -> Iterator[str]:
    """What is imported, and which functions of a module are called or arguments are given to Python's -m."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield module
                yield from (f"{module}.{each.name}" for each in names)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                yield f"{name}.{attribute}"
            case ast.List(
                elts=[*_, ast.Constant(value="-m"), ast.Constant(value=str(module)), ast.Starred()]
            ):
                yield module


def test_every_module_that_speaks_is_listed_with_its_reason() -> None:
    """A module that imports what can reach a network is in the list, and the list has no other."""
    speaking = {
        name
        for name, tree in _modules()
        if any(used in SPEAKING or used.split(".")[0] in SPEAKING for used in _used(tree))
    }
    assert speaking == set(MODULES)


def test_every_reason_is_one_that_is_told() -> None:
    """What modules give as their reason is what `remask doctor` prints."""
    assert {reason for reason in MODULES.values() if reason != LOOPBACK} <= set(REASONS)
