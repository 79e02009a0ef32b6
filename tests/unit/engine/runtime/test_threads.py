"""How many threads to compute with."""

from __future__ import annotations

import pytest

from lsp_server.engine.runtime.threads import Load, ThreadGovernor, current_load


class Machine:
    """A machine whose load the test writes."""

    def __init__(self) -> None:
        self.load = Load(0.0, 0.0, 0.0)
        self.set: list[int] = []

    def governor(self, most: int, cores: int) -> ThreadGovernor:
        return ThreadGovernor(most, cores, self.set.append, lambda: self.load, lambda: self.load.at)

    def run(self, seconds: float, *, own: float, others: float) -> None:
        """Let time pass with so many cores used."""
        self.load = Load(
            self.load.at + seconds,
            self.load.everybody + seconds * (own + others),
            self.load.own + seconds * own,
        )


@pytest.mark.parametrize(
    ("cores", "most", "others", "threads"),
    [
        (2, 2, 0.0, 2),
        (2, 2, 0.2, 2),
        (2, 2, 0.9, 1),
        (2, 2, 5.0, 1),
        (8, 4, 3.0, 4),
        (8, 8, 3.0, 5),
        (1, 1, 1.0, 1),
    ],
)
def test_others_come_first(cores: int, most: int, others: float, threads: int) -> None:
    """The free cores, at least one thread, never more than allowed; our own work does not count."""
    machine = Machine()
    governor = machine.governor(most, cores)
    machine.run(1.0, own=most, others=others)
    governor()
    assert machine.set[-1] == governor.threads == threads


def test_threads_come_back() -> None:
    """When the others are done, all threads are used again."""
    machine = Machine()
    governor = machine.governor(2, 2)
    for others in (1.5, 0.0):
        machine.run(1.0, own=0.5, others=others)
        governor()
    assert machine.set == [2, 1, 2]


def test_a_look_is_not_taken_before_its_time() -> None:
    """Within the period nothing changes, whatever the load."""
    machine = Machine()
    governor = machine.governor(2, 2)
    machine.run(0.1, own=0.0, others=9.0)
    governor()
    assert machine.set == [2]


def test_the_real_load_only_grows() -> None:
    """What the system reports is cumulative and includes us."""
    first = current_load()
    second = current_load()
    assert second.at >= first.at
    assert second.everybody >= first.everybody >= 0
    assert second.own >= first.own > 0
