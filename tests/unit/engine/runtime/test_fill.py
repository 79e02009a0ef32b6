"""Whole fills on the toy model: every decode, locks, strength, candidates, budgets."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from lsp_server.core.cancel import CancelToken
from lsp_server.core.errors import Cancelled, Superseded
from lsp_server.core.types import Alternative, Span
from lsp_server.engine.protocol import (
    DOUBTFUL,
    CellState,
    Decode,
    Excluded,
    FillRequest,
    FillResult,
    FrameEvent,
    Hole,
    HoleFill,
    Piece,
    Sampling,
    Stop,
)
from lsp_server.engine.runtime.attempt import READ_AT_ONCE
from lsp_server.engine.runtime.families import instruct
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.kv import KV

TEXT = "def area(radius):\n    retu\n\nfor item in items:\n    result.append(item)\n"
CURSOR = TEXT.index("retu") + 4
EVERY_DECODE = [decode for decode in Decode if decode is not Decode.AUTO]
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)


def ask(
    filler: DiffusionFiller,
    holes: Sequence[Hole],
    text: str = TEXT,
    *,
    decode: Decode = Decode.AUTO,
    cancel: CancelToken | None = None,
    deadline: float | None = None,
    temperature: float = 0.0,
    seed: int = 0,
    candidates: int = 1,
    frames: list[FrameEvent] | None = None,
) -> FillResult:
    request = FillRequest(
        text,
        tuple(holes),
        sampling=Sampling(decode=decode, temperature=temperature, seed=seed),
        candidates=candidates,
        frames=frames is not None,
    )
    return filler.fill(
        request,
        cancel=cancel or CancelToken(),
        deadline=deadline,
        on_frame=None if frames is None else frames.append,
    )


def texts(result: FillResult) -> list[list[str]]:
    return [[fill.text for fill in candidate.fills] for candidate in result.candidates]


@shared
@given(st.integers(0, len(TEXT)), st.integers(0, 10), st.floats(0, 1.5))
def test_verified_decoding_is_lossless(
    filler: DiffusionFiller, at: int, seed: int, temperature: float
) -> None:
    """Drafts only save passes: the fill is the base's own left-to-right fill, also when sampling."""
    hole = Hole(at, at, max_tokens=24)
    drafted, alone = (
        ask(filler, [hole], decode=decode, seed=seed, temperature=temperature)
        for decode in (Decode.VERIFIED, Decode.LEFT_TO_RIGHT)
    )
    assert texts(drafted) == texts(alone)


@pytest.mark.parametrize("decode", EVERY_DECODE)
def test_typed_characters_survive(filler: DiffusionFiller, decode: Decode) -> None:
    """What is half typed begins the fill, token boundaries notwithstanding, whatever decodes."""
    start = CURSOR - len("    retu")
    hole = Hole(start, CURSOR, locks=(Span(start, CURSOR),), max_tokens=24)
    result = ask(filler, [hole], decode=decode)
    fill = result.candidates[0].fills[0]
    assert fill.text.startswith("    retu")
    assert "".join(piece.text for piece in fill.pieces) == fill.text


@shared
@given(st.integers(0, len(TEXT)), st.integers(0, 30), st.sampled_from([1, None]))
def test_a_long_head_survives_and_drafts_stay_lossless(
    filler: DiffusionFiller, start: int, length: int, max_lines: int | None
) -> None:
    """Words and lines typed behind a hole's start begin its fill, and the base alone goes on the same."""
    head = Span(start, min(start + length, len(TEXT)))
    hole = Hole(head.start, head.end, locks=(head,), max_tokens=6, max_lines=max_lines)
    drafted, alone = (ask(filler, [hole], decode=d) for d in (Decode.VERIFIED, Decode.LEFT_TO_RIGHT))
    assert texts(drafted) == texts(alone)
    assert texts(drafted)[0][0].startswith(TEXT[head.start : head.end])


@shared
@given(st.integers(0, 24), st.text(max_size=12), st.floats(0, 1.5))
def test_a_hint_changes_no_fill(filler: DiffusionFiller, kept: int, tail: str, temperature: float) -> None:
    """Whatever a caller thinks the fill may be, the answer is what it is without."""
    start = CURSOR - len("    retu")
    hole = Hole(start, CURSOR, locks=(Span(start, CURSOR),), max_tokens=24)
    alone = texts(ask(filler, [hole], temperature=temperature))
    hinted = msgspec.structs.replace(hole, draft=alone[0][0][:kept] + tail)
    assert texts(ask(filler, [hinted], temperature=temperature)) == alone


def test_a_right_hint_saves_passes(filler: DiffusionFiller) -> None:
    """A fill that is asked for again with the last one as a hint is verified, sixteen positions a pass."""
    hole = Hole(10, 10, max_tokens=24)
    alone = ask(filler, [hole])
    hinted = ask(filler, [msgspec.structs.replace(hole, draft=texts(alone)[0][0])])
    assert texts(hinted) == texts(alone)
    assert hinted.figures.forwards < alone.figures.forwards / 2


@pytest.mark.parametrize("decode", EVERY_DECODE)
def test_typing_on_reads_only_what_was_typed(filler: DiffusionFiller, decode: Decode) -> None:
    """While a hole begins where it began, its whole context is cached, and a long head costs no pass."""
    start, behind = TEXT.index("    retu"), TEXT[CURSOR:]
    for line in ("    return", "    return math.pi * radius", "    return math.pi * radius ** 2 *"):
        end = start + len(line)
        hole = Hole(start, end, locks=(Span(start, end),), max_tokens=1)
        result = ask(filler, [hole], TEXT[:start] + line + behind, decode=decode)
    figures, typed = result.figures, filler.loaded.family.vocabulary.encode(" radius ** 2 *")
    assert figures.context_tokens - figures.cached_tokens <= len(typed)
    assert figures.forwards <= 2
    assert texts(result)[0][0].startswith("    return math.pi * radius ** 2 *")


@pytest.mark.parametrize("decode", EVERY_DECODE)
def test_a_fill_without_locks_is_healed(filler: DiffusionFiller, decode: Decode) -> None:
    """With a bare cursor behind half a word, the answer goes on right behind it."""
    healed = ask(filler, [Hole(CURSOR, CURSOR, max_tokens=24)], decode=decode)
    start = CURSOR - len(" retu")
    locked = ask(filler, [Hole(start, CURSOR, locks=(Span(start, CURSOR),), max_tokens=24)], decode=decode)
    assert " retu" + texts(healed)[0][0] == texts(locked)[0][0]


@pytest.mark.parametrize("decode", EVERY_DECODE)
def test_the_same_seed_gives_the_same_fill(filler: DiffusionFiller, decode: Decode) -> None:
    """Sampling is reproducible, from a warm cache too, and another seed differs."""
    hole = Hole(CURSOR, CURSOR, max_tokens=24)
    first, again, other = (
        texts(ask(filler, [hole], decode=decode, temperature=1.0, seed=seed)) for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_locks_inside_a_hole_stay(filler: DiffusionFiller) -> None:
    """Every lock is in the fill, verbatim and in order, and marked as locked."""
    start, end = TEXT.index("for"), TEXT.index("    result")
    locks = tuple(Span(TEXT.index(word), TEXT.index(word) + len(word)) for word in ("item ", "items"))
    fill = ask(filler, [Hole(start, end, locks=locks, max_tokens=8)]).candidates[0].fills[0]
    assert fill.text.index("item ") < fill.text.rindex("items")
    assert {"item ", "items"} <= {piece.text for piece in fill.pieces if piece.locked}


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.7])
def test_strength_masks_its_share(filler: DiffusionFiller, strength: float) -> None:
    """A share of the tokens is written anew, the others and all locked ones stay where they are."""
    start, end = TEXT.index("for"), len(TEXT)
    lock = Span(TEXT.index("items"), TEXT.index("items") + 5)
    fill = ask(filler, [Hole(start, end, locks=(lock,), strength=strength)]).candidates[0].fills[0]
    original = filler.loaded.family.vocabulary.encode(TEXT[start:end])
    assert len(fill.pieces) == len(original)
    changed = sum(not piece.locked for piece in fill.pieces)
    assert changed <= round(strength * len(original))
    assert "items" in fill.text
    if strength == 0:
        assert fill.text == TEXT[start:end]
    else:
        assert changed > 0


def test_later_holes_see_earlier_fills(filler: DiffusionFiller) -> None:
    """Filling two holes at once is filling the first, writing it down, and filling the second."""
    first, second = Hole(10, 12, max_tokens=6), Hole(40, 42, max_tokens=6)
    both = texts(ask(filler, [first, second]))[0]
    alone = texts(ask(filler, [first]))[0][0]
    text = TEXT[:10] + alone + TEXT[12:]
    shift = len(text) - len(TEXT)
    then = texts(ask(filler, [Hole(40 + shift, 42 + shift, max_tokens=6)], text))[0][0]
    assert both == [alone, then]


def test_earlier_holes_do_not_see_what_is_there_for_later_ones(filler: DiffusionFiller) -> None:
    """What leads to a later hole is shown from then on; before, the text is what it is without it."""
    text = "def area(radius, unit=1):\n    return radius\n"
    first, at = Hole(15, 15, max_tokens=6), text.index("=1")
    changed = f"{text[:at]}:  = 1{text[at + 2 :]}"
    later = Hole(at + 1, at + 5, max_tokens=6, lead=1, missing="=")
    alone = texts(ask(filler, [first], text))[0][0]
    both = texts(ask(filler, [first, later], changed))[0]
    assert both[0] == alone
    shift = len(alone)
    then = changed[:15] + alone + changed[15:]
    assert both[1] == texts(ask(filler, [Hole(at + 1 + shift, at + 5 + shift, max_tokens=6)], then))[0][0]


def test_candidates_differ_and_the_surest_is_first(filler: DiffusionFiller) -> None:
    """Several candidates are distinct and ordered by confidence."""
    result = ask(filler, [Hole(CURSOR, CURSOR, max_tokens=12)], candidates=4)
    assert len({str(fills) for fills in texts(result)}) == len(result.candidates) > 1
    confidence = [candidate.confidence for candidate in result.candidates]
    assert confidence == sorted(confidence, reverse=True)


def test_a_rejected_fill_is_not_offered_again(filler: DiffusionFiller) -> None:
    """What the hole wants to avoid is never the answer."""
    hole = Hole(CURSOR, CURSOR, max_tokens=12)
    first = texts(ask(filler, [hole]))[0][0]
    again = ask(filler, [Hole(CURSOR, CURSOR, max_tokens=12, avoid=(first,))])
    assert all(fills != [first] for fills in texts(again))


@pytest.mark.parametrize("decode", [Decode.VERIFIED, Decode.LEFT_TO_RIGHT])
@pytest.mark.parametrize("typed", [0, 2])
def test_an_excluded_token_does_not_come_back(filler: DiffusionFiller, decode: Decode, typed: int) -> None:
    """What stands before it is as it was; the token in its place is another one, also behind a typed head."""
    locks = (Span(CURSOR - typed, CURSOR),) if typed else ()
    hole = Hole(CURSOR - typed, CURSOR, locks=locks, max_tokens=12)
    fill = ask(filler, [hole], decode=decode).candidates[0].fills[0]
    free = [number for number, piece in enumerate(fill.pieces) if not piece.locked]
    at = free[2]
    before = "".join(piece.text for piece in fill.pieces[:at])
    excluded = Excluded(len(before), fill.pieces[at].text)
    again = msgspec.structs.replace(hole, draft=fill.text, excluded=(excluded,))
    old, new = (
        [piece.text for piece in each.pieces]
        for each in (fill, ask(filler, [again], decode=decode).candidates[0].fills[0])
    )
    assert new[:at] == old[:at]
    assert new[at : at + 1] != old[at : at + 1]


@pytest.mark.parametrize("decode", EVERY_DECODE)
def test_out_of_time_gives_what_is_committed(filler: DiffusionFiller, decode: Decode) -> None:
    """The clock runs out after a few steps: the fill is a beginning of the whole one, and says so."""
    ticks = iter(range(10_000))
    hole = Hole(CURSOR, CURSOR, max_tokens=200)
    whole = ask(filler, [hole], decode=decode)
    assert whole.candidates[0].fills[0].stop is not Stop.BUDGET
    filler.loaded.cache.clear()
    late = DiffusionFiller(filler.loaded, "toy", "", "", clock=lambda: float(next(ticks)))
    cut = ask(late, [hole], decode=decode, deadline=0.0)
    assert cut.candidates[0].fills[0].stop is Stop.BUDGET
    assert whole.candidates[0].fills[0].text.startswith(cut.candidates[0].fills[0].text)


def taken_after(filler: DiffusionFiller, steps: int, sampling: Sampling) -> tuple[HoleFill, FrameEvent]:
    """A fill that is taken when so many steps were shown, and the last of them."""
    cancel, seen = CancelToken(), list[FrameEvent]()
    request = FillRequest(TEXT, (Hole(CURSOR, CURSOR, max_tokens=200),), sampling=sampling, frames=True)

    def watch(frame: FrameEvent) -> None:
        seen.append(frame)
        if len(seen) == steps:
            cancel.take()

    return filler.fill(request, cancel=cancel, on_frame=watch).candidates[0].fills[0], seen[steps - 1]


@pytest.mark.parametrize("decode", [Decode.VERIFIED, Decode.LEFT_TO_RIGHT])
def test_what_is_committed_can_be_taken(filler: DiffusionFiller, decode: Decode) -> None:
    """Taken while it is shown, no further pass is made: what is shown as committed is the fill."""
    whole = ask(filler, [Hole(CURSOR, CURSOR, max_tokens=200)], decode=decode).candidates[0].fills[0]
    cut, frame = taken_after(filler, 10, Sampling(decode=decode))
    shown = [cell.text for cell in frame.cells if cell.state is CellState.COMMITTED]
    assert cut.stop is Stop.BUDGET
    assert 0 < len(cut.pieces) < len(whole.pieces)
    assert [piece.text for piece in cut.pieces] == shown
    assert whole.text.startswith(cut.text)


def test_a_second_look_that_is_taken_loses_nothing(filler: DiffusionFiller) -> None:
    """A full block that is looked at again is whole all the same, whenever it is taken."""
    fills = [taken_after(filler, steps, Sampling(Decode.CONFIDENCE))[0] for steps in range(1, 40)]
    counts = [len(fill.pieces) for fill in fills if fill.stop is Stop.BUDGET and "\n" not in fill.text]
    assert counts == sorted(counts)
    assert len(set(counts)) > 2


def test_a_rewrite_in_part_that_is_taken_is_whole(filler: DiffusionFiller) -> None:
    """What is still masked is as it was, so the length stays; taken before anything, nothing changed."""
    start, end = TEXT.index("for"), len(TEXT)
    hole, cancel = Hole(start, end, strength=0.9), CancelToken()
    original = filler.loaded.family.vocabulary.encode(TEXT[start:end])
    done = ask(filler, [hole]).candidates[0].fills[0]

    frames = iter(range(1, 100))
    request = FillRequest(TEXT, (hole,), frames=True)

    def watch(_: FrameEvent) -> None:
        if next(frames) == 1:
            cancel.take()

    cut = filler.fill(request, cancel=cancel, on_frame=watch).candidates[0].fills[0]
    assert cut.stop is Stop.END
    assert len(cut.pieces) == len(original)
    tokens = zip((piece.text for piece in cut.pieces), (piece.text for piece in done.pieces), strict=True)
    kept = [filler.loaded.family.vocabulary.decode([token]) for token in original]
    assert all(mine in {theirs, old} for (mine, theirs), old in zip(tokens, kept, strict=True))
    assert filler.fill(request, cancel=cancel).candidates[0].fills[0].text == TEXT[start:end]


@pytest.mark.parametrize(("superseded", "error"), [(True, Superseded), (False, Cancelled)])
def test_a_withdrawn_request_stops_at_the_next_step(
    filler: DiffusionFiller, superseded: bool, error: type[Exception]
) -> None:
    """Withdrawn after the second step, no third one is taken, and the cache stays usable."""
    cancel, seen = CancelToken(), []
    hole = Hole(CURSOR, CURSOR, max_tokens=30)
    expected = texts(ask(filler, [hole]))

    def watch(frame: FrameEvent) -> None:
        seen.append(frame)
        if len(seen) == 2:
            cancel.cancel(superseded=superseded)

    with pytest.raises(error):
        filler.fill(FillRequest(TEXT, (hole,), frames=True), cancel=cancel, on_frame=watch)
    assert len(seen) == 2
    assert texts(ask(filler, [hole])) == expected


@pytest.mark.parametrize("decode", [Decode.VERIFIED, Decode.CONFIDENCE, Decode.ENTROPY])
def test_frames_show_masks_becoming_the_fill(filler: DiffusionFiller, decode: Decode) -> None:
    """The first frame is all masks; committed cells are never taken back outside a remasked block."""
    frames: list[FrameEvent] = []
    fill = ask(filler, [Hole(CURSOR + 1, CURSOR + 1, max_tokens=20)], decode=decode, frames=frames)
    assert {cell.state for cell in frames[0].cells} == {CellState.MASKED}
    last = "".join(cell.text for cell in frames[-1].cells)
    assert last.startswith(fill.candidates[0].fills[0].text)
    assert [frame.step for frame in frames] == list(range(1, len(frames) + 1))


@pytest.mark.parametrize(
    "text", ["", "\n", "\ufeffx = 1\n", "x = '\U0001f600e\u0301'\n", "\x00\x01", "a" * 50_000, "\ud800 lone"]
)
def test_odd_texts_fill(filler: DiffusionFiller, text: str) -> None:
    """Empty, BOM, emoji, combining, binary, one long line, lone surrogates: an answer, no crash."""
    for at in {0, len(text) // 2, len(text)}:
        assert ask(filler, [Hole(at, at, max_tokens=4)], text).candidates


def test_warm_requests_read_only_what_changed(filler: DiffusionFiller) -> None:
    """Typing one more character re-reads the suffix, not the prefix."""
    text = TEXT * 6
    at = len(text) - 20
    ask(filler, [Hole(at, at, max_tokens=2)], text)
    longer = text[:at] + "x" + text[at:]
    figures = ask(filler, [Hole(at + 1, at + 1, max_tokens=2)], longer).figures
    assert figures.cached_tokens > 0.8 * figures.context_tokens


def test_an_instruction_answers_in_place(filler: DiffusionFiller) -> None:
    """An instructed rewrite keeps the selection's indentation and never shows the fence."""
    start = TEXT.index("    result")
    request = FillRequest(
        TEXT, (Hole(start, len(TEXT), max_tokens=12),), instruction="Simplify.", language="python"
    )
    fill = filler.fill(request, cancel=CancelToken()).candidates[0].fills[0]
    assert "```" not in fill.text
    assert all(line.startswith("    ") for line in fill.text.splitlines() if line.strip())


@pytest.mark.parametrize("instruction", [None, "Use a loop."])
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_what_is_locked_stands_where_it_stood(
    filler: DiffusionFiller, strength: float, instruction: str | None
) -> None:
    """In place, with words or without, the length stays, and so does every locked token."""
    text = TEXT.replace("\n", "\n    ").rstrip(" ")
    start = text.index("    for")
    locks = tuple(Span(at, at + 4) for at in (text.index("item"), text.rindex("item")))
    hole = Hole(start, len(text), locks=locks, strength=strength, in_place=True)
    request = FillRequest(text, (hole,), instruction=instruction, language="python")
    fill = filler.fill(request, cancel=CancelToken()).candidates[0].fills[0]
    shown = instruct.dedented(text[start:]) if instruction else text[start:]
    original = filler.loaded.family.vocabulary.encode(shown)
    assert len(fill.pieces) == len(original)
    kept = [piece.text for piece in fill.pieces if piece.locked]
    assert sum("item" in text for text in kept) >= 2
    assert len(kept) < len(original) - 1


@pytest.mark.parametrize("strength", [0.0, 0.4])
def test_an_instruction_keeps_to_its_strength(filler: DiffusionFiller, strength: float) -> None:
    """In words as without: at most that share of the selection's tokens is written anew, in place."""
    start = TEXT.index("    result")
    hole = Hole(start, len(TEXT), strength=strength)
    request = FillRequest(TEXT, (hole,), instruction="Simplify.", language="python")
    fill = filler.fill(request, cancel=CancelToken()).candidates[0].fills[0]
    original = filler.loaded.family.vocabulary.encode(TEXT[start:].strip())
    assert len(fill.pieces) == len(original)
    changed = [piece.text for piece in fill.pieces if not piece.locked]
    assert len(changed) == round(strength * len(original))
    if not strength:
        assert fill.text == TEXT[start:]


def test_what_an_instruction_speaks_against_is_masked(filler: DiffusionFiller) -> None:
    """Which tokens are written anew depends on the instruction, not on the code around alone."""

    def written(instruction: str | None) -> list[bool]:
        hole = Hole(0, len(TEXT), strength=0.4)
        request = FillRequest(TEXT, (hole,), instruction=instruction, language="python")
        fill = filler.fill(request, cancel=CancelToken()).candidates[0].fills[0]
        return [piece.locked for piece in fill.pieces]

    assert len({tuple(written(words)) for words in ("Rename the items.", "Use a loop.", "Sort.")}) > 1


def test_reading_a_long_context_is_stopped_as_well(
    filler: DiffusionFiller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A withdrawn request ends before the next part of its context is read."""
    cancel, network = CancelToken(), filler.loaded.network
    text = "".join(f"name_{number} = {number * 7919}\n" for number in range(99))
    read, parts = network.read, []

    def reading(kv: KV, tokens: Sequence[int], **options: int | None) -> Tensor:
        parts.append(len(tokens))
        cancel.cancel()
        return read(kv, tokens, **options)

    monkeypatch.setattr(network, "read", reading)
    with pytest.raises(Cancelled):
        ask(filler, [Hole(len(text), len(text))], text, cancel=cancel)
    assert parts == [READ_AT_ONCE]


@pytest.mark.parametrize("decode", EVERY_DECODE)
def test_doubtful_tokens_have_alternatives(filler: DiffusionFiller, decode: Decode) -> None:
    """Random weights doubt everything: each such token comes with likelier ones first, all of them text."""
    hole = Hole(CURSOR - 4, CURSOR, locks=(Span(CURSOR - 4, CURSOR),), max_tokens=24)
    [candidate] = ask(filler, [hole], decode=decode).candidates
    doubtful = [piece for piece in candidate.fills[0].pieces if piece.confidence < DOUBTFUL]
    assert any(piece.alternatives for piece in doubtful)
    for piece in candidate.fills[0].pieces:
        likelihoods = [each.probability for each in piece.alternatives]
        assert likelihoods == sorted(likelihoods, reverse=True)
        assert all(each.text and each.text != piece.text for each in piece.alternatives)
        assert not piece.alternatives or (piece.confidence < DOUBTFUL and not piece.locked)


def test_what_is_settled_is_a_token_of_its_own(filler: DiffusionFiller) -> None:
    """The fill goes on behind a settled lock as behind the text before the hole."""
    lock = Span(CURSOR - 4, CURSOR)
    hole = Hole(CURSOR - 4, CURSOR, locks=(lock,), max_tokens=12, settled=True)
    [piece, *_] = ask(filler, [hole]).candidates[0].fills[0].pieces
    assert piece.locked
    assert "retu".startswith(piece.text)


def test_what_is_cut_off_a_piece_is_cut_off_its_alternatives() -> None:
    """Those that begin otherwise are none any more."""
    piece = Piece(
        "return", 0.4, False, (Alternative("retry", 0.3), Alternative("ret", 0.1), Alternative("x", 0.1))
    )
    assert piece.behind(3) == Piece("urn", 0.4, False, (Alternative("ry", 0.3),))
