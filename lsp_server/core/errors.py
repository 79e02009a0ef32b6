"""Every error Remask raises on purpose.

RemaskError                 has `hint`: what the user can do about it
├── BadInput                the caller's arguments make no sense
├── ModelMissing            the model's files are not there
├── ModelCorrupt            they are, but not the right bytes
├── PullFailed              no source gave the model
├── EngineUnavailable       no engine answers and none could be started
│   └── Withheld            the only one there is must not be shown this
├── EngineFailed            the engine answered with an error
├── Superseded              a newer request of the same document took over
└── Cancelled               the caller went away
"""

from __future__ import annotations


class RemaskError(Exception):
    """A failure with a message for the user and a hint what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n{self.hint}" if self.hint else message


class BadInput(RemaskError, ValueError):
    """The caller's arguments make no sense."""


class ModelMissing(RemaskError):
    """The model's files are not there."""


class ModelCorrupt(RemaskError):
    """The model's files are not the bytes the manifest names."""


class PullFailed(RemaskError):
    """No source gave the model."""


class EngineUnavailable(RemaskError):
    """No engine answers and none could be started."""


class Withheld(EngineUnavailable):
    """The only engine there is must not be shown this: it is elsewhere, and the text may hold a secret."""


class EngineFailed(RemaskError):
    """The engine answered with an error."""


class Superseded(RemaskError):
    """A newer request of the same document took over."""


class Cancelled(RemaskError):
    """The caller went away."""
