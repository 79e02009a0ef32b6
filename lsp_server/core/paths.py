"""Where Remask keeps files, each overridable by an environment variable.

Models and prepared weights: REMASK_CACHE_DIR. Engine address and lock:
REMASK_RUNTIME_DIR. Logs: REMASK_LOG_DIR. What was trained: REMASK_DATA_DIR. What the user
decided: REMASK_CONFIG_DIR.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("remask", appauthor=False)


def _chosen(variable: str, default: Callable[[], str]) -> Path:
    given = os.environ.get(variable)
    return Path(given or default())


def cache_dir() -> Path:
    """Models and prepared weights. May be deleted at any time; `remask pull` makes it again."""
    return _chosen("REMASK_CACHE_DIR", lambda: _DIRS.user_cache_dir)


def runtime_dir() -> Path:
    """The running engine's address, token and lock; private to the user."""
    with warnings.catch_warnings():
        # A session without XDG_RUNTIME_DIR is common, and its fallback is as private.
        warnings.simplefilter("ignore")
        return _chosen("REMASK_RUNTIME_DIR", lambda: _DIRS.user_runtime_dir)


def log_dir() -> Path:
    """Log files of server and engine."""
    return _chosen("REMASK_LOG_DIR", lambda: _DIRS.user_log_dir)


def data_dir() -> Path:
    """What the user had trained; nothing makes it again but the same training."""
    return _chosen("REMASK_DATA_DIR", lambda: _DIRS.user_data_dir)


def config_dir() -> Path:
    """What the user decided outside of any editor, as which hosts may be sent code."""
    return _chosen("REMASK_CONFIG_DIR", lambda: _DIRS.user_config_dir)


def offline() -> bool:
    """Whether REMASK_OFFLINE or HF_HUB_OFFLINE forbids the network."""
    yes = {"1", "true", "yes", "on"}
    return any(os.environ.get(name, "").lower() in yes for name in ("REMASK_OFFLINE", "HF_HUB_OFFLINE"))
