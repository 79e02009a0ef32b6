"""The table of users per GPU follows from its figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from benchmark.sizing.bench import BEGIN, END, MEASURED
from benchmark.sizing.measure import Measured
from benchmark.sizing.table import GPUS, MODELS, Gpu, Model, lines, users

SESSION = Measured("m", 100.0, 50, 40, 500.0, 100.0, 10.0, 40)
GPU = Gpu("g", 80, 2.0, 300)
MODEL = Model("m", 7.0, 7.0)


def test_fewer_tokens_serve_more_users() -> None:
    """And requests that come less often, and faster memory or arithmetic."""
    base = users(GPU, MODEL, SESSION)
    assert base
    for better in (
        replace(SESSION, new_tokens=50.0),
        replace(SESSION, fill_tokens=5.0),
        replace(SESSION, requests=20),
    ):
        assert (users(GPU, MODEL, better) or 0) > base
    for gpu in (replace(GPU, bandwidth=4.0), replace(GPU, arithmetic=600)):
        assert (users(gpu, MODEL, SESSION) or 0) > base


def test_what_cannot_be_served_is_said() -> None:
    """Weights that do not fit, and answers that would come too late."""
    assert users(Gpu("small", 16, 2.0, 300), MODEL, SESSION) is None
    assert users(Gpu("slow", 80, 0.01, 300), MODEL, SESSION) == 0
    shown = "\n".join(lines(replace(SESSION, fill_tokens=100.0)))
    assert "does not fit" in shown
    assert "too slow" in shown


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_better_gpu_is_never_worse(model: Model) -> None:
    """From A100 to H100 to H200."""
    found = [users(gpu, model, SESSION) or 0 for gpu in GPUS[-3:]]
    assert found == sorted(found)


def test_the_document_has_the_table_of_what_was_measured() -> None:
    """`scripts/sizing --markdown docs/remote.md` was run after the last change of either."""
    text = (Path(__file__).parents[3] / "docs" / "remote.md").read_text(encoding="utf-8")
    told = Measured(**json.loads(MEASURED.read_text(encoding="utf-8")))
    between = text.split(BEGIN)[1].split(END)[0].strip("\n")
    assert between.split("\n") == list(lines(told))
