"""Wire options to `Settings`: the only reader of a client's JSON settings.

Keys are the fields of `core.settings` in camelCase. Nothing here raises: an
unknown key is named in a warning, a bad value falls back to the default with one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec

from lsp_server.core.settings import Settings

SECTION = "remask"

Warn = Callable[[str], None]
Group = TypeVar("Group")

_LIMITS = {
    "completion.maxLines": (1, 200),
    "completion.maxTokens": (1, 4096),
    "completion.candidates": (1, 8),
    "completion.budgetMs": (1, 600_000),
    "completion.debounceMs": (0, 10_000),
    "completion.minConfidence": (0, 1),
    "completion.seed": (0, 2**53),
    "context.prefixTokens": (0, 16_384),
    "context.suffixTokens": (0, 16_384),
    "context.snippetTokens": (0, 16_384),
    "rewrite.strength": (0, 1),
    "rewrite.budgetMs": (1, 600_000),
    "rewrite.maxTokens": (1, 4096),
    "engine.idleMinutes": (0, 100_000),
    "engine.threads": (0, 1024),
    "engine.parallel": (0, 256),
    "engine.memoryMb": (0, 16_777_216),
}
_CLIENTS_OWN = frozenset({"trace", "server", "command", "package"})
"""Keys that editors' clients keep for themselves in the same section."""


def section_of(raw: object) -> dict[str, Any]:
    """The section's object, whether it was sent bare or inside ``{"remask": ...}``; {} for anything else."""
    if not isinstance(raw, Mapping):
        return {}
    inner = raw.get(SECTION, raw)
    return dict(inner) if isinstance(inner, Mapping) else {}


def overlaid(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """The layers merged, group by group; a later layer wins, its nulls say nothing."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            old = merged.get(key)
            if isinstance(value, Mapping):
                merged[key] = overlaid(old if isinstance(old, Mapping) else {}, value)
            elif value is not None:
                merged[key] = value
    return merged


def parse_options(raw: Mapping[str, Any], warn: Warn) -> Settings:
    """The settings that a section's object asks for."""
    shared = {key: value for key, value in raw.items() if key not in _CLIENTS_OWN}
    return _group(Settings, shared, "", warn)


def _group(kind: type[Group], raw: Mapping[str, Any], path: str, warn: Warn) -> Group:
    hints = get_type_hints(kind)
    names = {_camel(each.name): each.name for each in fields(kind)}  # type: ignore[arg-type]
    chosen: dict[str, Any] = {}
    for key, value in raw.items():
        at = f"{path}{key}"
        if key not in names:
            warn(f"unknown setting {SECTION}.{at}")
        elif value is not None:
            try:
                chosen[names[key]] = _value(hints[names[key]], value, at, warn)
            except msgspec.ValidationError as error:
                warn(f"setting {SECTION}.{at} is ignored: {error}")
    return kind(**chosen)


def _value(hint: object, value: object, path: str, warn: Warn) -> object:
    if isinstance(hint, type) and is_dataclass(hint):
        group = msgspec.convert(value, dict[str, Any])
        return _group(hint, group, f"{path}.", warn)
    if hint == Mapping[str, bool]:
        return MappingProxyType(msgspec.convert(value, dict[str, bool]))
    if path in _LIMITS:
        low, high = _LIMITS[path]
        return msgspec.convert(value, Annotated[hint, msgspec.Meta(ge=low, le=high)])
    return msgspec.convert(value, hint)


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)
