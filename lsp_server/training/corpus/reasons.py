"""Why a file is left out."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a file is left out of what is trained on; the first that holds is told."""

    UNKNOWN = "no language to train on"
    PLACE = "a folder of copies or of data"
    PRIVATE = "a private file"
    IGNORED = "an ignored file"
    UNREADABLE = "binary or unreadable"
    SMALL = "too small"
    LARGE = "too large"
    GENERATED = "generated"
    MINIFIED = "minified"
    DATA = "data rather than code"
    BROKEN = "does not parse"
    SECRET = "holds a secret"  # noqa: S105 -- the name of a reason
    LICENCE = "another licence"
    CAPPED = "more than wanted of its package"
    EXACT = "an exact duplicate"
    NEAR = "a near duplicate"
    CONTAMINATED = "overlaps with a benchmark"
