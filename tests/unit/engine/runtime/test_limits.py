"""What is refused before it is queued."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from lsp_server.engine.protocol import FillRequest, Hole, Snippet
from lsp_server.engine.runtime.limits import ALONE, Limits, Pace

LIMITS = Limits(characters=10, tokens=20, seconds=2.0)


def request(
    text: str = "", *, tokens: int = 8, holes: int = 1, candidates: int = 1, **more: object
) -> FillRequest:
    return FillRequest(text, (Hole(0, 0, max_tokens=tokens),) * holes, candidates=candidates, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (request("x" * 11), "11 characters are more than 10"),
        (request("x" * 6, snippets=(Snippet("a.py", "y" * 5),)), "11 characters"),
        (request("x" * 6, instruction="z" * 5), "11 characters"),
        (request(tokens=21), "21 tokens to write are more than 20"),
        (request(holes=3), "24 tokens"),
        (request(candidates=3), "24 tokens"),
    ],
)
def test_what_is_too_much_is_refused(asked: FillRequest, said: str) -> None:
    """All text counts, and what all holes of all candidates may write."""
    with pytest.raises(HTTPException, match=said) as caught:
        LIMITS.checked(asked)
    assert caught.value.status_code == 413
    assert ALONE.checked(asked) == asked


@pytest.mark.parametrize(("given", "allowed"), [(None, 2000), (500, 500), (9000, 2000)])
def test_time_is_bounded(given: int | None, allowed: int) -> None:
    """A longer budget, or none, becomes the longest one allowed."""
    assert LIMITS.checked(request("x" * 10, budget_ms=given)).budget_ms == allowed


def test_the_pace_of_each_user() -> None:
    """So many at once, then one whenever a minute's share of time has passed; others are not held up."""
    now = 0.0
    pace = Pace(60, clock=lambda: now)
    assert [pace.wait_s("a") for _ in range(61)] == [0] * 60 + [1]
    assert pace.wait_s("b") == 0
    now = 1.0
    assert [pace.wait_s("a"), pace.wait_s("a")] == [0, 1]


def test_the_wait_is_long_enough() -> None:
    """Who waits as long as was said is let in."""
    now = 0.0
    pace = Pace(7, clock=lambda: now)
    while not (wait := pace.wait_s("a")):
        pass
    now += wait
    assert pace.wait_s("a") == 0


def test_no_pace_is_no_limit() -> None:
    """Without a number nobody waits."""
    assert not any(Pace(None).wait_s("a") for _ in range(10_000))
