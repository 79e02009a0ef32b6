from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.errors import Cancelled, EngineUnavailable, Superseded
from lsp_server.engine.protocol import ErrorEvent, Event, FillRequest, Hole
from lsp_server.engine.runtime.scheduler import Job, Scheduler, TooMany


def request(
    client: str = "a",
    document: str = "",
    text: str = "",
    budget_ms: int | None = None,
    *,
    ahead: bool = False,
) -> FillRequest:
    return FillRequest(
        text, (Hole(0, 0),), client=client, document=document, budget_ms=budget_ms, ahead=ahead
    )


@dataclass
class Asked:
    """A scheduler and what its jobs were told."""

    scheduler: Scheduler = field(default_factory=lambda: Scheduler(capacity=4, clock=lambda: 100.0))
    events: list[tuple[str, Event]] = field(default_factory=list)

    def submit(self, client: str = "a", document: str = "", text: str = "", *, ahead: bool = False) -> Job:
        return self.scheduler.submit(
            request(client, document, text, ahead=ahead), lambda event: self.events.append((text, event))
        )

    def taken(self) -> list[str]:
        """The texts of all jobs in the order the worker gets them."""
        texts = []
        while self.scheduler.waiting:
            job = self.scheduler.take()
            assert job is not None
            texts.append(job.request.text)
            self.scheduler.done(job)
        return texts

    def codes(self) -> list[tuple[str, str]]:
        return [(text, event.code) for text, event in self.events if isinstance(event, ErrorEvent)]


def test_the_latest_of_a_document_wins() -> None:
    """An older queued request of the same client and document ends as superseded, and never runs."""
    asked = Asked()
    for text in ("1", "2", "3"):
        asked.submit("a", "doc", text)
    assert asked.taken() == ["3"]
    assert asked.codes() == [("1", "superseded"), ("2", "superseded")]


def test_a_running_job_is_told_to_stop() -> None:
    """Its cancel token raises `Superseded` at its next step."""
    asked = Asked()
    job = asked.submit("a", "doc")
    assert asked.scheduler.take() is job
    asked.submit("a", "doc")
    with pytest.raises(Superseded):
        job.cancel.check()


@pytest.mark.parametrize(
    ("client", "document"), [("b", "doc"), ("a", "other"), ("a", "")], ids=["client", "document", "unnamed"]
)
def test_others_are_left_alone(client: str, document: str) -> None:
    """Another client's, another document's and unnamed requests go on."""
    asked = Asked()
    running = asked.submit("a", document and "doc")
    asked.scheduler.take()
    asked.submit(client, document, "next")
    assert not running.cancel.cancelled
    assert asked.taken() == ["next"]


def test_clients_take_turns() -> None:
    """One that asks a lot does not starve another."""
    asked = Asked(Scheduler(capacity=10, clock=lambda: 100.0))
    for text in ("a1", "a2", "a3"):
        asked.submit("a", text=text)
    for text in ("b1", "b2"):
        asked.submit("b", text=text)
    asked.submit("c", text="c1")
    assert asked.taken() == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_a_full_queue_says_so() -> None:
    """What does not fit is refused with a hint; one that replaces a queued one still fits."""
    asked = Asked()
    for number in range(4):
        asked.submit("a", f"doc{number}", str(number))
    with pytest.raises(EngineUnavailable, match=r"4 requests waiting\nTry again"):
        asked.submit("b", "doc", "too many")
    asked.submit("a", "doc0", "newer")
    assert asked.taken() == ["1", "2", "3", "newer"]


def test_a_withdrawn_job_is_dropped_or_stopped() -> None:
    """Queued it never runs; running its token is set; afterwards it does no harm."""
    asked = Asked()
    queued, running = asked.submit(text="queued"), asked.submit(text="running")
    asked.scheduler.withdraw(queued)
    assert asked.scheduler.take() is running
    asked.scheduler.withdraw(running)
    with pytest.raises(Cancelled):
        running.cancel.check()
    asked.scheduler.withdraw(queued)
    assert asked.scheduler.waiting == 0
    assert asked.events == []


def test_a_job_is_taken_by_its_name() -> None:
    """Waiting or running, it is to end with what it has; not by the name of another, nor by another owner."""
    scheduler = Scheduler(capacity=4)
    jobs = [
        scheduler.submit(FillRequest("", (Hole(0, 0),), id=name), lambda _: None, owner)
        for name, owner in (("a", "ada"), ("b", "ada"), ("", "ada"))
    ]
    assert scheduler.take() is jobs[0]
    asked = [("a", "bob"), ("", "ada"), ("c", None), ("b", "ada"), ("a", None)]
    assert [scheduler.end_now(name, owner) for name, owner in asked] == [False, False, False, True, True]
    assert [job.cancel.taken for job in jobs] == [True, True, False]
    jobs[0].cancel.check()
    scheduler.done(jobs[0])
    assert scheduler.end_now("a") is False


@pytest.mark.parametrize(("budget_ms", "deadline"), [(None, None), (1500, 101.5)])
def test_the_budget_counts_from_arrival(budget_ms: int | None, deadline: float | None) -> None:
    """Time in the queue is part of it."""
    scheduler = Scheduler(clock=lambda: 100.0)
    assert scheduler.submit(request(budget_ms=budget_ms), lambda _: None).deadline == deadline


def test_closing_turns_everybody_away() -> None:
    """The running job is stopped, queued ones are told, new ones refused, the worker sent home."""
    asked = Asked()
    running = asked.submit(text="running")
    asked.scheduler.take()
    asked.submit(text="queued")
    asked.scheduler.close()
    assert running.cancel.cancelled
    assert asked.codes() == [("queued", "cancelled")]
    assert asked.scheduler.take() is None
    with pytest.raises(EngineUnavailable, match="shutting down"):
        asked.submit()


def test_a_waiting_worker_is_woken() -> None:
    """The worker sleeps until there is a job, and until closing."""
    scheduler = Scheduler()
    got: list[str | None] = []

    def work() -> None:
        while (job := scheduler.take()) is not None:
            got.append(job.request.text)
            scheduler.done(job)
            taken.set()

    taken = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    scheduler.submit(request(text="x"), lambda _: None)
    assert taken.wait(10)
    scheduler.close()
    thread.join(10)
    assert got == ["x"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "x", "y"])), max_size=30))
def test_every_job_runs_or_is_superseded(asks: list[tuple[str, str]]) -> None:
    """Nothing is lost or answered twice, and of each document only the last one runs."""
    asked = Asked(Scheduler(capacity=100))
    for number, (client, document) in enumerate(asks):
        asked.submit(client, document, str(number))
    taken = [int(text) for text in asked.taken()]
    superseded = [int(text) for text, _ in asked.codes()]
    assert sorted(taken + superseded) == list(range(len(asks)))
    named = {asks[number]: number for number in range(len(asks)) if asks[number][1]}
    assert all(not asks[number][1] or named[asks[number]] == number for number in taken)


def test_what_is_asked_ahead_waits_for_everybody() -> None:
    """It runs when nobody waits, whoever asked it, and gives way to any other request."""
    asked = Asked()
    for client in "ab":
        asked.submit(client, "doc", f"{client} ahead", ahead=True)
    asked.submit("b", "doc", "b")
    assert asked.codes() == [("b ahead", "superseded")]
    assert asked.taken() == ["b", "a ahead"]
    running = asked.submit("a", "doc", "again", ahead=True)
    assert asked.scheduler.take() is running
    asked.submit("b", "other")
    with pytest.raises(Superseded):
        running.cancel.check()


def test_nothing_asked_ahead_withdraws_what_somebody_waits_for() -> None:
    """Neither a waiting nor a running request; it takes the place of what was asked ahead before."""
    asked = Asked()
    running = asked.submit("a", "doc", "1")
    assert asked.scheduler.take() is running
    asked.submit("a", "doc", "2", ahead=True)
    asked.submit("a", "doc", "3", ahead=True)
    running.cancel.check()
    asked.scheduler.done(running)
    assert asked.taken() == ["3"]
    assert asked.codes() == [("2", "superseded")]


def test_several_run_at_once_and_the_newest_of_a_document_wins() -> None:
    """Each of the running ones is told to stop by a newer one of its own document only."""
    asked = Asked()
    jobs = [asked.submit("a", document, document) for document in "xyz"]
    assert [asked.scheduler.take() for _ in jobs] == jobs
    asked.submit("a", "y")
    assert [job.cancel.cancelled for job in jobs] == [False, True, False]
    asked.scheduler.done(jobs[1])
    assert asked.scheduler.running
    asked.scheduler.close()
    assert all(job.cancel.cancelled for job in jobs)


def test_who_has_the_least_under_way_is_next() -> None:
    """A client whose requests are running waits for one with none."""
    asked = Asked(Scheduler(capacity=10))
    first = [asked.submit("a", text=f"a{number}") for number in range(3)]
    assert [asked.scheduler.take() for _ in range(2)] == first[:2]
    asked.submit("b", text="b1")
    assert asked.taken() == ["b1", "a2"]


def test_what_is_asked_ahead_makes_room_only_where_it_is_needed() -> None:
    """With a worker free it goes on; with none, as many stop as have to, the newest first."""
    asked = Asked()
    ahead = [asked.submit("a", f"doc{number}", ahead=True) for number in range(2)]
    assert [asked.scheduler.take() for _ in ahead] == ahead
    got: list[Job | None] = []
    free = threading.Thread(target=lambda: got.append(asked.scheduler.take()))
    free.start()
    while not asked.scheduler._idle:
        pass
    third = asked.submit("b", "other")
    free.join(10)
    assert got == [third]
    assert [job.cancel.cancelled for job in ahead] == [False, False]
    asked.submit("c", "other")
    assert [job.cancel.cancelled for job in ahead] == [False, True]
    asked.submit("d", "other")
    assert [job.cancel.cancelled for job in ahead] == [True, True]


@dataclass
class Team:
    """A scheduler of several owners, whose clock is set by hand."""

    each: int | None = None
    now: float = 0.0

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(capacity=100, each=self.each, clock=lambda: self.now)
        self.ended: list[tuple[str, str]] = []

    def submit(
        self, owner: str, text: str, *, client: str = "", document: str = "", ahead: bool = False
    ) -> Job:
        def emit(event: Event) -> None:
            if isinstance(event, ErrorEvent):
                self.ended.append((text, event.code))

        asked = request(client, document, text, ahead=ahead)
        return self.scheduler.submit(asked, emit, owner)

    def take(self, seconds: float | None = None) -> str:
        """The text of the next job, which is done after so many seconds; without, it goes on."""
        job = self.scheduler.take()
        assert job is not None
        if seconds is not None:
            self.now += seconds
            self.scheduler.done(job)
        return job.request.text


def test_a_name_on_the_wire_makes_no_other_owner() -> None:
    """One owner that calls itself many clients has one turn, and withdraws nothing of another's."""
    team = Team()
    for number in range(3):
        team.submit("greedy", f"g{number}", client=f"client {number}", document="doc")
    team.submit("ada", "a", client="client 0", document="doc")
    assert [team.take(0.0) for _ in range(4)] == ["g0", "a", "g1", "g2"]
    assert team.ended == []


def test_turns_are_shares_of_time() -> None:
    """Who has long fills made waits until the others have had as long."""
    team = Team()
    for number in range(4):
        team.submit("long", f"l{number}")
        team.submit("short", f"s{number}")
    order = [team.take(10.0 if whose == "l" else 1.0) for whose in "lsssslll"]
    assert order == ["l0", "s0", "s1", "s2", "s3", "l1", "l2", "l3"]


def test_what_was_asked_ahead_costs_nobody_a_turn() -> None:
    """Its time is not counted, since nobody waited then."""
    team = Team()
    team.submit("a", "ahead", ahead=True)
    team.submit("b", "b0")
    team.take()  # b's, under way
    job = team.scheduler.take()
    assert job is not None
    team.now += 50
    team.scheduler.done(job)
    team.submit("a", "a1")
    team.submit("b", "b1")
    assert team.take(0.0) == "a1"


def test_an_owner_has_only_so_much_waiting() -> None:
    """What is more is refused, and another owner's is not; what replaces an older one still fits."""
    team = Team(each=2)
    team.submit("a", "1", document="x")
    team.submit("a", "2", document="y")
    with pytest.raises(TooMany, match="2 of your requests"):
        team.submit("a", "3", document="z")
    team.submit("a", "newer", document="x")
    team.submit("b", "4")
    assert team.ended == [("1", "superseded")]


def test_a_worker_is_left_to_others() -> None:
    """One owner has at most half of the workers, so that who comes begins at once."""
    team = Team(each=10)
    team.scheduler.workers = 4
    for number in range(5):
        team.submit("greedy", f"g{number}")
    assert [team.take() for _ in range(2)] == ["g0", "g1"]
    team.submit("ada", "a")
    assert team.take() == "a"


def test_a_worker_left_to_others_is_given_when_one_is_done() -> None:
    """Who waits for a worker of their share gets it as soon as one of theirs ends."""
    team = Team(each=10)
    team.scheduler.workers = 4
    for number in range(3):
        team.submit("greedy", f"g{number}")
    first, *_ = [team.scheduler.take() for _ in range(2)]
    assert first is not None
    got = list[Job | None]()
    waiting = threading.Thread(target=lambda: got.append(team.scheduler.take()))
    waiting.start()
    assert team.scheduler.waiting == 1
    team.scheduler.done(first)
    waiting.join(20)
    assert [job and job.request.text for job in got] == ["g2"]


def test_draining_finishes_what_somebody_waits_for() -> None:
    """No new job is taken, those there run to their end, and what nobody asked for is dropped."""
    team = Team()
    running, ahead = team.submit("a", "running"), team.submit("b", "ahead", ahead=True)
    assert team.scheduler.take() is running
    team.submit("a", "waiting")
    team.scheduler.drain()
    with pytest.raises(EngineUnavailable, match="shutting down"):
        team.submit("b", "late")
    assert not running.cancel.cancelled
    assert team.ended == [("ahead", "cancelled")]
    assert ahead not in team.scheduler._queued()
    team.scheduler.done(running)
    assert not team.scheduler.over
    assert team.take(0.0) == "waiting"
    assert team.scheduler.over
