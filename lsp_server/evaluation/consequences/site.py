"""What became of one call, and what it had to become."""

from __future__ import annotations

import msgspec

RIGHT, LEFT, MISSED, WRONG = "right", "left", "missed", "wrong"


class Site(msgspec.Struct, frozen=True):
    """One call that a change of the given `kind` concerns, followed in one `way`.

    `untouched` says whether it would have been right as it was. `confidence` is of what the model wrote;
    1 without it. `why` is what the user is told of a call that was left. `seconds` are of the whole change.
    """

    package: str
    kind: str
    way: str
    change: str
    place: str
    before: str
    wanted: str
    got: str
    outcome: str
    untouched: bool = False
    confidence: float = 1.0
    why: str = ""
    seconds: float = 0.0


def outcome(*, right: bool, same: bool, told: bool) -> str:
    """In one word: what is not right was changed, or left and said, or missed.

    A right call counts as such whatever was said of it.
    """
    if right:
        return RIGHT
    if not same:
        return WRONG
    return LEFT if told else MISSED
