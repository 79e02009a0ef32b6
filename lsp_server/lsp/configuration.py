"""The client's settings, from all the ways it may give them, for each workspace folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lsp_server.core.settings import Settings
from lsp_server.core.types import Document
from lsp_server.lsp.options import overlaid, parse_options

Layer = Mapping[str, Any]


class Configuration:
    """Layers of options, the later winning: at start, pushed, pulled, pulled for a folder."""

    def __init__(self) -> None:
        self.settings = Settings()
        """What holds outside every folder, and for the engine."""
        self._initial: Layer = {}
        self._pushed: Layer = {}
        self._pulled: Layer = {}
        self._pulled_for: Mapping[Path, Layer] = {}
        self._folders: dict[Path, Settings] = {}
        self._listeners: list[Callable[[Settings], None]] = []
        self._warned: set[str] = set()
        self._warnings: list[str] = []

    def subscribe(self, listener: Callable[[Settings], None]) -> None:
        """Call `listener` with `settings` after every change."""
        self._listeners.append(listener)

    def start(self, options: Layer) -> None:
        """Take `initializationOptions`."""
        self._initial = options
        self._resolve()

    def push(self, options: Layer) -> None:
        """Take what `workspace/didChangeConfiguration` brought."""
        self._pushed = options
        self._resolve()

    def pull(self, options: Layer, folders: Mapping[Path, Layer]) -> None:
        """Take what `workspace/configuration` answered, outside folders and for each."""
        self._pulled, self._pulled_for = options, folders
        self._resolve()

    def settings_for(self, document: Document) -> Settings:
        """The settings of the innermost folder that holds the document."""
        if document.path is None:
            return self.settings
        around = [folder for folder in self._folders if document.path.is_relative_to(folder)]
        return self._folders[max(around, key=lambda folder: len(folder.parts))] if around else self.settings

    def take_warnings(self) -> tuple[str, ...]:
        """Warnings not yet taken; none ever comes twice."""
        taken, self._warnings = tuple(self._warnings), []
        return taken

    def _resolve(self) -> None:
        base = overlaid(self._initial, self._pushed, self._pulled)
        before = self.settings
        self.settings = parse_options(base, self._warn)
        self._folders = {
            folder: parse_options(overlaid(base, layer), self._warn)
            for folder, layer in self._pulled_for.items()
        }
        if self.settings != before:
            for listener in self._listeners:
                listener(self.settings)

    def _warn(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            self._warnings.append(message)
