"""Where a model's bytes come from: one module for each kind of source."""

from __future__ import annotations

import errno

from lsp_server.core.errors import RemaskError


class SourceFailed(RemaskError):
    """This source did not give the file; the next one may."""


def disk_full(problem: OSError | str) -> bool:
    """Whether a failure, or what a tool printed about it, means that the disk is full."""
    if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
        return True
    return any(sign in str(problem) for sign in (f"[Errno {errno.ENOSPC}]", "No space left on device"))


def disk_is_full() -> OSError:
    """The error that a full disk gives, for tools that only print it."""
    return OSError(errno.ENOSPC, "No space left on device")
