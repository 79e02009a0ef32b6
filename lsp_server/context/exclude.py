"""Whether a file may be shown to the model at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lsp_server.context.ignore import IgnoreRules
from lsp_server.context.secrets import private_path
from lsp_server.core.types import Silence

_MOST_VERDICTS = 50_000


def real(path: Path) -> Path:
    """`path` made absolute, links followed; it need not exist."""
    return Path(os.path.realpath(path))


@dataclass(frozen=True, slots=True)
class _Verdict:
    real: Path
    silence: Silence | None


class Exclusion:
    """Secret names and ignore rules over several roots. Verdicts are kept until `forget`; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._rules: dict[Path, IgnoreRules] = {}
        self._verdicts: dict[Path, _Verdict] = {}

    @property
    def roots(self) -> tuple[Path, ...]:
        """The roots, links followed."""
        with self._lock:
            return tuple(self._rules)

    def set_roots(self, roots: Sequence[Path]) -> None:
        """Replace the roots."""
        with self._lock:
            self._rules = {root: IgnoreRules(root) for root in dict.fromkeys(map(real, roots))}
            self._verdicts.clear()

    def forget(self) -> None:
        """Read every ignore file anew when next asked."""
        with self._lock:
            self.set_roots(tuple(self._rules))

    def root_of(self, path: Path) -> Path | None:
        """The innermost root that holds `path`, whose links must have been followed."""
        holding = [root for root in self.roots if path.is_relative_to(root)]
        return max(holding, key=lambda root: len(root.parts), default=None)

    def verdict(self, path: Path) -> Silence | None:
        """Why the file at `path` may not be shown, or None. Secrets go before ignore rules."""
        return self._verdict(path).silence

    def verdict_of_real(self, path: Path) -> Silence | None:
        """The verdict on a path that holds no links: quicker, and not kept."""
        with self._lock:
            return self._silence(path, path)

    def real_path(self, path: Path) -> Path:
        """`path` with its links followed, as of its verdict."""
        return self._verdict(path).real

    def folder_ignored(self, folder: Path) -> bool:
        """Whether nothing below `folder` may be shown."""
        with self._lock:
            root = self.root_of(folder)
            return root is not None and self._rules[root].folder_ignored(folder)

    def _verdict(self, path: Path) -> _Verdict:
        with self._lock:
            known = self._verdicts.get(path)
            if known is None:
                if len(self._verdicts) >= _MOST_VERDICTS:
                    self._verdicts.clear()
                target = real(path)
                known = self._verdicts[path] = _Verdict(target, self._silence(path, target))
            return known

    def _silence(self, path: Path, target: Path) -> Silence | None:
        if any(map(private_path, {path, target})):
            return Silence.PRIVATE_FILE
        root = self.root_of(target)
        if root is not None and self._rules[root].ignored(target):
            return Silence.IGNORED_FILE
        return None
