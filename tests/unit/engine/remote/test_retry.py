from __future__ import annotations

import pytest

from lsp_server.engine.remote.failures import KeyRefused, Unreachable
from lsp_server.engine.remote.retry import Breaker, Retry


class Time:
    def __init__(self, draw: float = 1.0) -> None:
        self.now, self.drawn, self.sleeps = 0.0, draw, list[float]()

    def clock(self) -> float:
        return self.now

    def draw(self) -> float:
        return self.drawn

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    def retry(self) -> Retry:
        return Retry(self.clock, self.draw, self.sleep)

    def breaker(self) -> Breaker:
        return Breaker(self.clock, self.draw)


class Asked:
    def __init__(self, *answers: Exception | str) -> None:
        self.answers, self.times = list(answers), 0

    async def __call__(self) -> str:
        self.times += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.asyncio
@pytest.mark.parametrize(("draw", "pauses"), [(1.0, [0.1, 0.2]), (0.5, [0.05, 0.1]), (0.0, [0.0, 0.0])])
async def test_a_passing_failure_is_asked_again(draw: float, pauses: list[float]) -> None:
    """Pauses double, each drawn anew between nothing and its most."""
    time, asked = Time(draw), Asked(Unreachable("a"), Unreachable("b"), "fine")
    assert await time.retry().run(asked, deadline=10) == "fine"
    assert time.sleeps == pauses


@pytest.mark.asyncio
async def test_the_third_failure_is_final() -> None:
    """It is raised as it came."""
    asked = Asked(*(Unreachable(str(number)) for number in range(5)))
    with pytest.raises(Unreachable, match="2"):
        await Time().retry().run(asked, deadline=10)


@pytest.mark.asyncio
async def test_the_server_says_how_long_to_wait() -> None:
    """Retry-After counts where it is longer, and ends the trying where it lies beyond the deadline."""
    time = Time()
    assert await time.retry().run(Asked(Unreachable("busy", wait_s=1.5), "fine"), deadline=10) == "fine"
    assert time.sleeps == [1.5]
    late = Asked(Unreachable("busy", wait_s=30), "fine")
    with pytest.raises(Unreachable):
        await time.retry().run(late, deadline=10)
    assert late.times == 1


@pytest.mark.asyncio
async def test_what_asking_again_does_not_help_is_not_asked_again() -> None:
    """A refused key, and an answer that had begun."""
    refused, begun = Asked(KeyRefused("no")), Asked(Unreachable("cut"), "twice")
    with pytest.raises(KeyRefused):
        await Time().retry().run(refused, deadline=10)
    with pytest.raises(Unreachable):
        await Time().retry().run(begun, deadline=10, again=lambda: False)
    assert (refused.times, begun.times) == (1, 1)


def test_the_breaker_opens_after_failures_in_a_row() -> None:
    """One failure between answers is nothing."""
    breaker = Time().breaker()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert breaker.open
    assert not breaker.allows()


def test_one_tries_whether_it_works_again() -> None:
    """After the rest a single caller is let through; its failure doubles the rest, its success closes."""
    time = Time()
    breaker = time.breaker()
    breaker.failed()
    breaker.failed()
    time.now = 4.9
    assert not breaker.allows()
    time.now = 5.0
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    time.now = 14.9
    assert not breaker.allows()
    time.now = 15.0
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_rests_end_somewhere_and_differ() -> None:
    """The longest is five minutes, jitter takes up to half, and a hopeless failure opens at once."""
    time = Time(draw=0.0)
    breaker = time.breaker()
    breaker.failed(hopeless=True)
    assert breaker.open
    for _ in range(50):
        breaker.failed()
    time.now = 149.9
    assert not breaker.allows()
    time.now = 150.0
    assert breaker.allows()
