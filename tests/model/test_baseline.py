"""The default model fills twelve fixed holes as well as it did when the baseline was kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.store.files import adapter_sha256
from lsp_server.engine.store.manifest import entry
from lsp_server.evaluation.baseline import complaints, read_baseline
from lsp_server.evaluation.model import load
from lsp_server.evaluation.problems import read_problems
from lsp_server.evaluation.records import Records
from lsp_server.evaluation.run import Trials, evaluate
from lsp_server.evaluation.scores import scores_of
from lsp_server.evaluation.ways import parse_way

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[2]
BASELINE = ROOT / "tests/baseline.json"
HOLES = ROOT / "tests/data/humaneval-infilling-12.jsonl.gz"


def test_the_baseline_is_of_the_adapter_that_ships() -> None:
    """A new adapter needs a new baseline: the command that made it stands in the file."""
    about = read_baseline(BASELINE).about
    assert about["adapter_sha256"] == adapter_sha256(entry(DEFAULT_MODEL)), about["command"]


def test_the_model_is_as_good_as_its_baseline() -> None:
    """Every row of the baseline, measured again; the tolerance is `evaluation/baseline.py`'s."""
    baseline = read_baseline(BASELINE)
    ways = [parse_way(name, count=4) for name in next(iter(baseline.results.values()))]
    problems = read_problems(HOLES)
    settings = EngineSettings(precision="int8", backend="openvino")  # what it was measured with
    assert "int8 by openvino" in str(baseline.about["backend"])
    loaded = load(DEFAULT_MODEL, settings, None, lambda *_: None)
    work = evaluate(problems, ways, loaded.asker, Records(), model=loaded.name, trials=Trials())
    scores = scores_of(problems, [record for each in work for record in each])
    assert complaints(baseline, scores) == []
