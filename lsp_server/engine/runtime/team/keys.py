"""The file of a team's keys: a line for each user, the name and the SHA-256 of the key, never the key.

    # a comment
    ada sha256:0d4a1185...

A key is 256 random bits, so one plain hash is enough: there is nothing to guess, and no salt is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lsp_server.core.errors import BadInput

METRICS_USER = "metrics"
"""Who has this name may read the metrics, and nothing else."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_LINE = re.compile(rf"({NAME.pattern})\s+sha256:([0-9a-f]{{64}})")
_PREFIX = "remask-"
"""By which programs that look for secrets in code can know one."""


def new_key() -> str:
    """A key that nobody has."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is kept of a key, in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def parse_keys(text: str) -> dict[str, str]:
    """Hashes by name.

    Raises:
        BadInput: a line is neither empty, a comment nor a user's, or a name stands there twice.
    """
    hashes: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise BadInput(f"line {number} is no user's", hint="Make lines with `remask key add NAME`.")
        if found[1] in hashes:
            raise BadInput(f"line {number}: {found[1]} stands there twice")
        hashes[found[1]] = found[2]
    return hashes


def read_keys(path: Path) -> dict[str, str]:
    """Hashes by name, of the file at `path`.

    Raises:
        BadInput: it cannot be read, or not as keys.
    """
    try:
        return parse_keys(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}", hint="Make it with `remask key add NAME`.") from error
    except BadInput as error:
        raise BadInput(f"{path}: {error.args[0]}", hint=error.hint) from error


def add_user(path: Path, name: str) -> str:
    """Add a user to the file, which is made if need be; their key, which is told once.

    Raises:
        BadInput: there is such a user, the name is none, or the file is not one of keys.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} cannot be a user's name", hint="Use letters, digits and . _ @ -, at most 64 of them."
        )
    if name in (read_keys(path) if path.exists() else {}):
        raise BadInput(f"{path} has a key of {name} already", hint="Remove it first: `remask key remove`.")
    key = new_key()
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    ended = text if not text or text.endswith("\n") else text + "\n"
    _write(path, f"{ended}{name} sha256:{hash_of(key)}\n")
    return key


def remove_user(path: Path, name: str) -> None:
    """Take a user's key back; a running engine refuses it within a second.

    Raises:
        BadInput: there is no such user, or no such file.
    """
    if name not in read_keys(path):
        raise BadInput(f"{path} has no key of {name}")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    _write(path, "".join(line for line in lines if line.split()[:1] != [name]))


class Keys:
    """The users of a file, which is read again when it has changed."""

    def __init__(self, path: Path) -> None:
        """Raise `BadInput` if the file cannot be read or names nobody."""
        self._path = path
        self._seen = _version(path)
        self._hashes = read_keys(path)
        if not self._hashes:
            raise BadInput(f"{path} has no keys", hint="Add one: `remask key add NAME`.")

    @property
    def users(self) -> Mapping[str, str]:
        """Hashes by name."""
        return self._hashes

    def user_of(self, key: str) -> str | None:
        """Whose key it is; takes as long for one that is nearly right as for any other."""
        given, owner = hash_of(key), None
        for name, expected in self._hashes.items():
            if hmac.compare_digest(given, expected):
                owner = name
        return owner

    def refresh(self) -> bool:
        """Whether the file had changed and was read.

        Raises:
            BadInput: it has changed, and cannot be read; the users stay who they were.
        """
        version = _version(self._path)
        if version == self._seen:
            return False
        self._seen = version
        self._hashes = read_keys(self._path)
        return True


def _version(path: Path) -> tuple[int, int, int]:
    with contextlib.suppress(OSError):
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
    return 0, 0, 0


def _write(path: Path, text: str) -> None:
    """Replace the file at once. Its rights stay; a new one is its user's alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".keys-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary = Path(name)
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from error
