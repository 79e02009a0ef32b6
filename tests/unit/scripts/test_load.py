"""Figures of an engine under load."""

from __future__ import annotations

import time

import pytest
from benchmark.load.bench import parse
from benchmark.load.figures import jain, scene_of, tokens_of
from benchmark.load.line import Asked, Fate, Line
from benchmark.load.typist import Greedy, Typist
from benchmark.session.recording import read_recording

from lsp_server.core.errors import EngineFailed, EngineUnavailable, Superseded
from lsp_server.core.types import FillFigures
from lsp_server.engine.protocol import FillRequest, FillResult, Hole

REQUEST = FillRequest("", (Hole(0, 0),))


def asked(
    ms: float, fate: Fate = "answered", *, tries: int = 1, tokens: int = 4, waited_for: bool = True
) -> Asked:
    return Asked("u", waited_for, 0.0, fate, ms / 1000, tries, tokens)


class Answers:
    """A link that answers what it is given, in turn."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)

    async def fill(self, request: FillRequest, on_frame: object) -> FillResult:
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer
        return FillResult((), FillFigures(tokens=7), "m")


def line_of(*answers: Exception | None) -> Line:
    line = Line("u", "http://127.0.0.1:1", "key")
    line._link = Answers(*answers)  # type: ignore[assignment]
    return line


@pytest.mark.parametrize(
    ("got", "index"), [((5, 5, 5), 1.0), ((9, 0, 0), 0.333), ((0, 0), None), ((1, 2, 3), 0.857)]
)
def test_the_index_of_fairness(got: tuple[float, ...], index: float | None) -> None:
    """1 if all got the same, one part in n if one got everything; of nothing there is none."""
    assert jain(got) == index


def test_every_request_is_accounted_for() -> None:
    """Times are of what polite users waited for; tries, losses and the greedy one's share are counted."""
    polite = [[asked(100), asked(300, tries=2)], [asked(9000, waited_for=False), asked(5, "withdrawn")]]
    scene = scene_of("s", 2, 2.0, polite, [asked(70, tokens=8), asked(1, "lost")])
    assert (scene.asked, scene.answered, scene.withdrawn, scene.lost, scene.again) == (6, 4, 1, 1, 1)
    assert (scene.p50_ms, scene.p99_ms, scene.answers_per_s, scene.tokens_per_s) == (200, 300, 2.0, 10.0)
    assert scene.greedy_share == 0.4


def test_a_request_that_never_ended_is_no_figure() -> None:
    """It would be lost without being counted."""
    with pytest.raises(ValueError, match="1 requests are still open"):
        scene_of("s", 1, 1.0, [[asked(1, "open")]])


def test_what_a_person_got() -> None:
    """Only what was answered, of all of a person's keys."""
    assert tokens_of({"a": [asked(1), asked(1, "withdrawn")], "b": []}) == [4.0, 0.0]


@pytest.mark.asyncio
async def test_a_refusal_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is answered, as one request."""
    monkeypatch.setattr("benchmark.load.line.AGAIN_S", 0.0)
    line = line_of(EngineUnavailable("leaving"), EngineUnavailable("gone"), None)
    await line.fill(REQUEST)
    (note,) = line.asked
    assert (note.fate, note.tries, note.tokens) == ("answered", 3, 7)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "fate"), [(EngineFailed("broken"), "lost"), (Superseded("newer"), "withdrawn")]
)
async def test_what_else_may_become_of_it(error: Exception, fate: str) -> None:
    """An error of the engine is a loss; what its own editor replaced is none."""
    line = line_of(error)
    with pytest.raises(type(error)):
        await line.fill(REQUEST)
    assert line.asked[0].fate == fate


@pytest.mark.asyncio
async def test_a_typist_asks_what_an_editor_would() -> None:
    """Reads on opening and asks at pauses, from any place of the recording on."""
    line = line_of(*[None] * 1000)
    recording = read_recording()
    await Typist(recording, line, len(recording.strokes) // 2).type(time.perf_counter() + 2.0)
    assert any(note.waited_for for note in line.asked)
    assert {note.fate for note in line.asked} <= {"answered", "withdrawn"}


@pytest.mark.asyncio
async def test_a_greedy_user_has_many_names() -> None:
    """As many fills at once as wanted, each under a client's name of its own."""
    names = set[str]()

    class Noting(Answers):
        async def fill(self, request: FillRequest, on_frame: object) -> FillResult:
            names.add(request.client)
            raise EngineFailed("busy")

    line = line_of()
    line._link = Noting()  # type: ignore[assignment]
    await Greedy(read_recording(), [line], width=3, tokens=8).ask(time.perf_counter() + 0.05)
    assert names == {"client 0", "client 1", "client 2"}


def test_without_options_all_scenes_are_played() -> None:
    """With few editors, as on a small machine."""
    options = parse([])
    assert options.scenes == ["editors", "greedy", "fairness", "restart"]
    assert options.editors == [1, 2, 4]
