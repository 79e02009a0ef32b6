"""Whole fills that share passes, against the same fills one after another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import Cancelled
from lsp_server.engine.protocol import (
    Decode,
    FillRequest,
    FillResult,
    FrameEvent,
    Hole,
    Sampling,
)
from lsp_server.engine.runtime.fill import DiffusionFiller

TEXT = "def area(radius):\n    retu\n\nfor item in items:\n    result.append(item)\n"
OTHER = "class Shape:\n    def __init__(self, name):\n        self.\n"
DECODES = (Decode.VERIFIED, Decode.CONFIDENCE, Decode.LEFT_TO_RIGHT, Decode.ENTROPY)


def request(number: int, *, candidates: int = 1, frames: bool = False) -> FillRequest:
    """One of many that differ in text, place, decode and temperature."""
    text = (TEXT, OTHER, TEXT * 6)[number % 3]
    at = (text.index("retu") + 4) if "retu" in text else len(text) - 1
    return FillRequest(
        text,
        (Hole(at, at, max_tokens=12 + number % 5),),
        sampling=Sampling(decode=DECODES[number % 4], temperature=0.5 * (number % 2), seed=number),
        candidates=candidates,
        frames=frames,
    )


def said(result: FillResult) -> list[tuple[list[str], list[str]]]:
    return [
        ([fill.text for fill in each.fills], [fill.stop.value for fill in each.fills])
        for each in result.candidates
    ]


def fill(filler: DiffusionFiller, asked: FillRequest, cancel: CancelToken | None = None) -> FillResult:
    return filler.fill(asked, cancel=cancel or CancelToken())


def test_fills_at_once_are_those_one_by_one(shared: DiffusionFiller, alone: DiffusionFiller) -> None:
    """Every decode, several texts that share their starts, four at a time: text for text the same."""
    asked = [request(number) for number in range(16)]
    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(lambda each: said(fill(shared, each)), asked))
    assert at_once == [said(fill(alone, each)) for each in asked]


def test_they_do_share_passes(shared: DiffusionFiller) -> None:
    """There are fewer batches than passes."""
    assert shared.front is not None
    start = threading.Barrier(4)

    def one(number: int) -> float:
        start.wait(60)
        return fill(shared, request(4 * number)).figures.forwards

    with ThreadPoolExecutor(4) as threads:
        passes = sum(threads.map(one, range(4)))
    assert shared.front.batches < 2 * passes  # each pass alone is followed by a product alone


def test_candidates_side_by_side_are_those_in_turn(shared: DiffusionFiller, alone: DiffusionFiller) -> None:
    """The same texts in the same order, and the context is read once."""
    for number in range(4):
        asked = request(number, candidates=4)
        side_by_side, in_turn = fill(shared, asked), fill(alone, asked)
        assert said(side_by_side) == said(in_turn)
        assert side_by_side.figures.context_tokens == in_turn.figures.context_tokens
        assert side_by_side.figures.forwards == in_turn.figures.forwards


def test_frames_say_whose_they_are(shared: DiffusionFiller) -> None:
    """Those of candidates made at once may mix, but each candidate's own are in order."""
    frames: list[FrameEvent] = []
    shared.fill(request(0, candidates=3, frames=True), cancel=CancelToken(), on_frame=frames.append)
    for candidate in range(3):
        steps = [frame.step for frame in frames if frame.candidate == candidate]
        assert steps == list(range(1, len(steps) + 1))
        assert steps


def test_one_that_is_withdrawn_or_fails_does_not_hurt(
    shared: DiffusionFiller, alone: DiffusionFiller
) -> None:
    """The others end as they would have, and the next ones too."""
    token = CancelToken()

    def fails(_: FrameEvent) -> None:
        raise ZeroDivisionError

    def stops(_: FrameEvent) -> None:
        token.cancel()

    def one(number: int) -> object:
        asked = request(number, frames=True)
        try:
            if number == 1:
                return shared.fill(asked, cancel=CancelToken(), on_frame=fails)
            if number == 2:
                return shared.fill(asked, cancel=token, on_frame=stops)
            return said(fill(shared, asked))
        except (Cancelled, ZeroDivisionError) as error:
            return type(error)

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(one, range(8)))
    right: list[object] = [said(fill(alone, request(number))) for number in range(8)]
    right[1], right[2] = ZeroDivisionError, Cancelled
    assert results == right
    assert said(fill(shared, request(3))) == right[3]


def test_a_candidate_that_fails_fails_its_request_alone(shared: DiffusionFiller) -> None:
    """Its siblings end before the error is told, and contexts are anybody's again."""

    def fails(frame: FrameEvent) -> None:
        if frame.candidate == 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shared.fill(request(0, candidates=4, frames=True), cancel=CancelToken(), on_frame=fails)
    assert all(held.owner is None for held in shared.loaded.cache._contexts)
    assert len(fill(shared, request(0, candidates=4)).candidates) == 4


def test_what_was_only_read_is_anybodys(shared: DiffusionFiller) -> None:
    """A context that was read ahead belongs to no thread, so any may fill with it."""
    fill(shared, msgspec.structs.replace(request(2), read_only=True))
    assert [held.owner for held in shared.loaded.cache._contexts] == [None]


def test_closing_ends_the_thread(shared: DiffusionFiller) -> None:
    """Nothing of the model is left at work."""
    assert shared.front is not None
    shared.close()
    assert not shared.front._thread.is_alive()
    assert shared.loaded.cache.bytes == 0
