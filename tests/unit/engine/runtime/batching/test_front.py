"""Work of several threads, carried out by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from lsp_server.core.errors import EngineUnavailable
from lsp_server.engine.runtime.batching import front as module
from lsp_server.engine.runtime.batching.front import Front

PATIENCE = 60


@dataclass
class Doubling:
    """Doubles numbers; fails for a batch with a bad one; notes its batches."""

    light: bool = False
    bad: int = -1
    batches: list[list[int]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    hold: Callable[[], object] = lambda: None

    def together(self, given: Sequence[int]) -> Sequence[int]:
        self.hold()
        self.batches.append(list(given))
        self.threads.add(threading.get_ident())
        if self.bad in given:
            raise ValueError(self.bad)
        return [2 * each for each in given]


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """One that waits long for who is thinking, so that batches do not depend on how busy the machine is."""
    monkeypatch.setattr(module, "SHORTEST_WAIT_S", PATIENCE / 2)
    monkeypatch.setattr(module, "LONGEST_WAIT_S", PATIENCE / 2)
    made = Front()
    yield made
    made.close()


def seated(front: Front, count: int, work: Callable[[int], object]) -> list[object]:
    """What `count` threads return that have all taken a seat before any of them works."""
    everybody = threading.Barrier(count)

    def one(number: int) -> object:
        with front.seat():
            everybody.wait(PATIENCE)
            try:
                return work(number)
            except Exception as error:  # noqa: BLE001 -- it is what is looked at
                return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_all_who_are_seated_share_a_batch(front: Front) -> None:
    """One batch for all, on one thread, and each gets its own result."""
    way = Doubling()
    assert seated(front, 8, lambda number: front.ask(way, number)) == [2 * number for number in range(8)]
    assert [sorted(batch) for batch in way.batches] == [list(range(8))]
    assert threading.get_ident() not in way.threads


def test_who_is_alone_waits_for_nobody(front: Front) -> None:
    """Neither with the only seat nor without one."""
    way = Doubling()
    with front.seat():
        assert front.ask(way, 1) == 2
    assert front.ask(way, 2) == 4
    assert way.batches == [[1], [2]]


def test_an_error_is_its_owners_alone(front: Front) -> None:
    """The others get their results although the batch they were in failed."""
    way = Doubling(bad=2)
    results = seated(front, 4, lambda number: front.ask(way, number))
    assert [str(each) for each in results] == ["0", "2", "2", "6"]
    assert isinstance(results[2], ValueError)
    assert front.ask(way, 5) == 10


def test_nobody_waits_for_one_who_leaves(front: Front) -> None:
    """A fill that ends or raises without handing anything in releases those who wait for it."""
    way = Doubling()

    def work(number: int) -> int:
        if number == 0:
            raise RuntimeError("gone")
        return front.ask(way, number)

    results = seated(front, 3, work)
    assert results[1:] == [2, 4]
    assert isinstance(results[0], RuntimeError)


def test_one_who_thinks_for_long_is_not_waited_for() -> None:
    """Those who have handed in go on without, after a bounded time."""
    front, way, thought = Front(), Doubling(), threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert thought.wait(PATIENCE)
            return -1
        result = front.ask(way, number)
        thought.set()
        return result

    assert seated(front, 2, work) == [-1, 2]
    front.close()


def test_light_work_goes_first(front: Front) -> None:
    """A fill that only finishes its step joins the next batch of the others."""
    heavy, light = Doubling(), Doubling(light=True)

    def work(number: int) -> int:
        if number == 0:
            front.ask(light, number)
        return front.ask(heavy, number)

    assert seated(front, 4, work) == [0, 2, 4, 6]
    assert light.batches == [[0]]
    assert [sorted(batch) for batch in heavy.batches] == [[0, 1, 2, 3]]


def test_two_ways_share_a_round(front: Front) -> None:
    """Each is a batch of its own, and neither waits for the other's next round."""
    ways = Doubling(), Doubling()
    assert seated(front, 4, lambda number: front.ask(ways[number % 2], number)) == [0, 2, 4, 6]
    assert [sorted(way.batches[0]) for way in ways] == [[0, 2], [1, 3]]


def test_the_wait_is_about_as_long_as_a_batch() -> None:
    """It follows what batches take, within its bounds."""
    ticks = iter(range(1000))
    front = Front(clock=lambda: next(ticks) / 100)
    assert front._patience() == module.SHORTEST_WAIT_S
    for _ in range(30):
        front.ask(Doubling(), 1)
    front.close()
    assert front._patience() == pytest.approx(0.01, rel=0.1)
    front._remember(1000)
    assert front._patience() == module.LONGEST_WAIT_S


def test_closing_turns_away(front: Front) -> None:
    """What waits and what comes later is refused; what is being carried out is finished."""
    begun, proceed = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert proceed.wait(PATIENCE)

    way = Doubling(hold=hold)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(front.ask, way, 1)
        assert begun.wait(PATIENCE)
        second = threads.submit(front.ask, way, 2)
        while not front._waiting:
            time.sleep(0.001)
        closing = threads.submit(front.close)
        with pytest.raises(EngineUnavailable):
            second.result(PATIENCE)
        proceed.set()
        closing.result(PATIENCE)
        assert first.result(PATIENCE) == 2
    with pytest.raises(EngineUnavailable):
        front.ask(way, 3)


def test_before_each_batch_something_may_be_done() -> None:
    """On the thread that computes: torch's threads are a setting of the thread."""
    seen: list[int] = []
    front, way = Front(before_pass=lambda: seen.append(threading.get_ident())), Doubling()
    front.ask(way, 1)
    front.close()
    assert set(seen) == way.threads
