"""The loop learns, stops on time, goes on as if it had not, and survives bad steps."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors import safe_open

from lsp_server.core.errors import BadInput, RemaskError
from lsp_server.training.examples.example import Example
from lsp_server.training.loop.report import End
from lsp_server.training.loop.trainer import MOST_SKIPPED

if TYPE_CHECKING:
    from conftest import Run, Toy

Another = Callable[[str], "Run"]


def same(one: Toy, other: Toy) -> bool:
    return all(torch.equal(value, other.state()[name]) for name, value in one.state().items())


def events(run: Run, name: str) -> list[dict[str, object]]:
    lines = (run.folder / "log.jsonl").read_text().splitlines()
    return [each for each in map(json.loads, lines) if each["event"] == name]


def test_learns(run: Run) -> None:
    """The held-out loss falls far, which the report, the adapter and the log tell."""
    report = run(steps=120)
    assert report.adapter is not None
    assert report.end is End.DONE
    assert report.steps == 120
    assert report.before is not None
    assert report.after is not None
    assert report.after < report.before / 4
    assert report.helped
    with safe_open(report.adapter, "pt") as file:
        assert torch.equal(file.get_tensor("table"), run.model.table)
        about = {"base": "toy", "trained_steps": "120", "trained_examples": "960"}
        assert file.metadata() == about | {"held_out_loss": f"{report.best:.4f}"}
    steps = events(run, "steps")
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert steps[-1]["figures"]["accuracy@0"] > 0.9


def test_examples_come_in_order(run: Run) -> None:
    """Every number is used once and in order; those that do not exist are left out."""
    run(steps=5, batch=4, accumulate=2)
    used = [number for batch in run.model.seen for number in batch]
    assert used == [number for number in range(40) if number % 11 != 10]


@pytest.mark.parametrize("stops", [[7], [1, 2, 39]])
def test_resumed_is_the_same(run: Run, another: Another, stops: list[int]) -> None:
    """Stopped and resumed, a run ends with the very tensors of one that was never stopped."""
    whole = another("whole")
    whole()
    for number, steps in enumerate(stops):
        part = run.again()
        limit = steps - (stops[number - 1] if number else 0)
        part.model.before = stop_at(part, limit)
        assert part(resume=number > 0).steps == steps
    last = run.again()
    report = last(resume=True)
    assert (report.steps, report.end) == (40, End.DONE)
    assert same(last.model, whole.model)


def stop_at(run: Run, steps: int) -> Callable[[Sequence[Example]], None]:
    """Press Ctrl-C in the middle of this step."""

    def before(_: Sequence[Example]) -> None:
        if torch.is_grad_enabled() and len(run.model.seen) == steps - 1:
            os.kill(os.getpid(), signal.SIGINT)

    return before


def test_interrupted(run: Run) -> None:
    """Ctrl-C lets the step end and saves it; the handler is put back."""
    handler = signal.getsignal(signal.SIGINT)
    run.model.before = stop_at(run, 5)
    report = run()
    assert (report.end, report.steps) == (End.INTERRUPTED, 5)
    assert (run.folder / "checkpoints" / "step-00000005.pt").exists()
    assert signal.getsignal(signal.SIGINT) is handler


def test_second_interrupt_is_at_once(run: Run) -> None:
    """A second Ctrl-C does not wait for the step."""

    def before(_: Sequence[Example]) -> None:
        if run.model.seen:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    run.model.before = before
    with pytest.raises(KeyboardInterrupt):
        run()
    assert len(run.model.seen) == 1


def test_begins_no_run_over_another(run: Run) -> None:
    """A folder with a run is not used for a new one."""
    run(steps=2)
    with pytest.raises(BadInput, match="--resume"):
        run(steps=2)


def test_nothing_to_resume(run: Run) -> None:
    """Resuming needs something to resume."""
    with pytest.raises(BadInput, match="no checkpoint"):
        run(resume=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learning_rate": 0.01}, "learning rate: 0.05 there, 0.01 now"),
        ({"seed": 3}, "seed"),
        ({"about": {"rank": 8}}, "rank: None there, 8 now"),
    ],
)
def test_other_settings_are_refused(run: Run, change: dict[str, object], said: str) -> None:
    """A run is not resumed with settings that make it another one, and it is said which."""
    run(steps=2)
    with pytest.raises(BadInput, match=said):
        run(steps=4, resume=True, **change)


def test_a_longer_budget_is_no_other_run(run: Run) -> None:
    """A finished run may be given more steps."""
    run(steps=3)
    assert run(steps=5, resume=True).steps == 5


def test_from_a_named_checkpoint(run: Run, another: Another) -> None:
    """A run goes on from any checkpoint, in another folder too."""
    whole = another("whole")
    whole()
    run.model.before = stop_at(run, 6)
    run()
    other = another("other")
    report = other(checkpoint=run.folder / "checkpoints" / "step-00000006.pt")
    assert report.steps == 40
    assert same(other.model, whole.model)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "emptied"])
def test_damaged_checkpoint(run: Run, damage: str) -> None:
    """A damaged checkpoint is told of and the one before is used."""
    run(steps=4)
    run(steps=8, resume=True)
    newest = run.folder / "checkpoints" / "step-00000008.pt"
    content = bytearray(newest.read_bytes())
    place = content.index(run.model.table.detach().numpy().tobytes()[:16])
    match damage:
        case "truncated":
            content = content[: len(content) // 2]
        case "flipped":
            content[place] ^= 255
        case _:
            content.clear()
    newest.write_bytes(content)
    again = run.again()
    again(steps=9, resume=True)
    assert any("step-00000008.pt" in said and "before" in said for said in again.heard.said)
    assert len(again.model.seen) == 5


@pytest.mark.parametrize("minutes", [1.0, 3.0, 10.0])
def test_budget_in_minutes(run: Run, minutes: float) -> None:
    """A run ends within its minutes, the look at the end among them, and uses nearly all of them."""
    run.per_pass(2.0)
    began = run.clock.now
    report = run(steps=None, minutes=minutes)
    spent = run.clock.now - began
    assert report.end is End.DONE
    assert 60 * minutes - 8 <= spent <= 60 * minutes
    assert report.seconds == pytest.approx(spent)


def test_pause(run: Run) -> None:
    """A paused run takes no more than its own minutes, and the next one the rest of the budget."""
    run.per_pass(2.0)
    report = run(steps=None, minutes=3, pause_minutes=1)
    assert (report.end, run.clock.now - 100 <= 60) == (End.PAUSED, True)
    assert 0.2 < run.heard.shares[-1] < 0.4
    report = run(steps=None, minutes=3, resume=True)
    assert (report.end, run.clock.now - 100 <= 180) == (End.DONE, True)


def test_looks_and_saves_by_the_clock(run: Run) -> None:
    """Held-out examples are looked at and checkpoints written every so many minutes."""
    run.per_pass(10.0, looking=False)
    run(steps=24, held_out_minutes=2, save_minutes=1)
    assert [each["step"] for each in events(run, "held out")] == [0, 12, 24]
    assert [each["step"] for each in events(run, "saved")] == [6, 12, 18, 24]
    kept = sorted(each.name for each in (run.folder / "checkpoints").iterdir())
    assert kept == ["best.pt", "step-00000018.pt", "step-00000024.pt"]


def test_keeps_the_best(run: Run) -> None:
    """The adapter is the one with the lowest held-out loss, not the last."""
    run.per_pass(60.0, looking=False)
    report = run(steps=40, learning_rate=5.0, held_out_minutes=1)
    losses = {each["step"]: each["loss"] for each in events(run, "held out")}
    assert report.best == min(losses.values())
    assert report.best == losses[report.best_step]
    assert 0 < report.best_step < 40
    best = run.again()
    best(steps=report.best_step, learning_rate=5.0, checkpoint=run.folder / "checkpoints" / "best.pt")
    with safe_open(report.adapter, "pt") as file:
        assert torch.equal(file.get_tensor("table"), best.model.table)


def test_that_did_not_help(run: Run) -> None:
    """No adapter is written if no step made the held-out loss lower."""
    report = run(steps=3, learning_rate=1000.0)
    assert (report.helped, report.best, report.adapter) == (False, report.before, None)
    assert not (run.folder / "adapter.safetensors").exists()


def test_without_held_out(run: Run) -> None:
    """Without held-out examples the last tensors become the adapter."""
    run.held_out = 0
    report = run(steps=3)
    assert (report.before, report.best, report.helped) == (None, None, None)
    with safe_open(report.adapter, "pt") as file:
        assert torch.equal(file.get_tensor("table"), run.model.table)


@pytest.mark.parametrize("scale", [float("nan"), float("inf")])
def test_steps_that_are_not_finite(run: Run, scale: float) -> None:
    """A step without a finite loss changes nothing and is counted; the run goes on."""
    kept = []

    def before(_: Sequence[Example]) -> None:
        kept.append(run.model.state()["table"])
        run.model.scale = scale if len(run.model.seen) == 2 and torch.is_grad_enabled() else 1.0

    run.model.before = before
    run.held_out = 0
    report = run(steps=5)
    assert (report.steps, report.skipped) == (5, 1)
    assert torch.equal(kept[2], kept[3])
    assert not torch.equal(kept[3], kept[4])
    assert "step 3 was skipped" in "\n".join(run.heard.said)


def test_gives_up(run: Run) -> None:
    """A run that goes astray ends with an error that says what to do."""
    run.model.scale = float("nan")
    with pytest.raises(RemaskError, match="lower learning rate"):
        run(steps=100)
    assert len(run.model.seen) == MOST_SKIPPED


@pytest.mark.parametrize(
    "problem",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes."),
        MemoryError(),
    ],
)
def test_out_of_memory(run: Run, another: Another, problem: Exception) -> None:
    """When memory runs out, steps are made of smaller passes and stay the same steps."""
    whole = another("whole")
    whole.model.noise = run.model.noise = 0.0
    whole()

    def before(examples: Sequence[Example]) -> None:
        if len(examples) > 2 and torch.is_grad_enabled():
            raise problem

    run.model.before = before
    run()
    assert max(map(len, run.model.seen)) == 2
    assert torch.allclose(run.model.table, whole.model.table, atol=1e-5)
    assert "4 examples" in run.heard.said[1]


def test_too_little_memory(run: Run) -> None:
    """If one example does not fit either, that is an error for people."""

    def before(_: Sequence[Example]) -> None:
        if torch.is_grad_enabled():
            raise MemoryError

    run.model.before = before
    with pytest.raises(RemaskError, match="one example alone"):
        run()


def test_other_errors_are_not_memory(run: Run) -> None:
    """An error of the model is not taken for lack of memory."""

    def before(_: Sequence[Example]) -> None:
        raise RuntimeError("shapes do not fit")

    run.model.before = before
    with pytest.raises(RuntimeError, match="shapes"):
        run()


def test_reports(run: Run) -> None:
    """Figures are shown every so many steps, with the model's own among them."""
    run(steps=20, log_every=5)
    assert len(run.heard.lines) == 4
    assert run.heard.lines[0].startswith("step 5  loss ")
    assert "accuracy@0" in run.heard.lines[0]
    assert "examples/s" in run.heard.lines[0]
    assert run.heard.shares == sorted(run.heard.shares)


def test_folder_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    """A checkpoint that cannot be written is an error for people."""
    run.folder.mkdir()
    (run.folder / "checkpoints").write_text("in the way")
    with pytest.raises((RemaskError, OSError)):
        run(steps=2)


def test_slow_looks_are_seldom(run: Run) -> None:
    """Looks at held-out examples take no more than a tenth of the time, however often they are asked for."""

    def before(_: Sequence[Example]) -> None:
        run.clock.now += 10.0

    run.model.before = before
    run(steps=60, held_out_minutes=0.5)
    assert [each["step"] for each in events(run, "held out")] == [0, 20, 40, 60]


def test_time_before_the_run_counts(run: Run) -> None:
    """What loading took is part of the budget."""
    run.per_pass(2.0)
    run.began = run.clock.now - 60
    assert run(steps=None, minutes=2).seconds <= 120
    assert run.clock.now - 100 <= 60
