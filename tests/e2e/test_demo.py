"""The demo tells its story through a real server, and fails honestly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.service.plan import PRESET
from tests.e2e.conftest import Shell

pytestmark = pytest.mark.e2e

SCRIPTS = str(Path(__file__).parents[2] / "scripts")
DEMO = ("-c", f"import sys; sys.path.insert(0, {SCRIPTS!r}); from story.tell import tell; sys.exit(tell())")
FILL = "result += item.price * item.quantity"
BODY = "    return [item.name for item in items if item.price > limit]"
REWRITTEN = f"def expensive_names(items: list[Item], limit: float) -> list[str]:\n{BODY}"


def test_the_story(shell: Shell) -> None:
    """Frames, the filled code and the diff are shown, the last line is the result, and no engine stays."""
    shell.answers(
        {"document": "basket.py", "instruction": PRESET, "fill": REWRITTEN},
        {"document": "basket.py", "fill": FILL},
    )
    said = shell.python(*DEMO).stdout.decode().splitlines()
    told = json.loads(said[-1])
    assert told["fill"]["text"] == FILL
    assert told["rewrite"]["text"] == REWRITTEN
    for part in ("fill", "rewrite"):
        assert told[part]["latency_ms"] > 0
        assert told[part]["forwards"] > 0
        assert told[part]["tokens"] > 0
    assert set(told) == {"fill", "rewrite", "model", "adapter_sha256"}
    assert any(line.startswith("step") and "▒" in line for line in said)
    assert any(line.endswith(f"        {FILL}") for line in said)
    assert f"+{BODY}" in [line.rstrip() for line in said]
    assert shell.engines() == []


@pytest.mark.parametrize(
    ("rules", "load", "said"),
    [
        ([{"fill": ""}], {}, "the fill came back empty"),
        ([{"error": "memory"}], {}, "the fill came back empty"),
        ([], {"error": "model-missing"}, "Run `remask pull`."),
        ([{"instruction": PRESET, "error": "failed"}, {"fill": FILL}], {}, "failed: "),
    ],
)
def test_no_answer_is_a_failure(
    shell: Shell, rules: list[dict[str, object]], load: dict[str, object], said: str
) -> None:
    """Exit code 1 and the reason, no result as the last line, and no engine stays."""
    shell.answers(*rules, **load)
    done = shell.python(*DEMO, code=1)
    assert said in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert b'"adapter_sha256"' not in done.stdout
    assert shell.engines() == []


def test_an_engine_that_ran_before_stays(shell: Shell) -> None:
    """The demo ends only what it started."""
    (shell.folder / "a.py").write_text("x = ")
    shell.answers(
        {"document": "a.py", "fill": "1"}, {"instruction": PRESET, "fill": REWRITTEN}, {"fill": FILL}
    )
    shell.remask("fill", "a.py:1")
    before = shell.engines()
    shell.python(*DEMO)
    assert shell.engines() == before
    assert len(before) == 1


@pytest.mark.model
def test_the_story_with_the_model(real: Shell) -> None:
    """The real model fills and rewrites something sensible."""
    told = json.loads(real.python(*DEMO).stdout.decode().splitlines()[-1])
    assert "item.price" in told["fill"]["text"]
    assert told["rewrite"]["text"].startswith("def expensive_names(")
    assert "range(len(items))" not in told["rewrite"]["text"]
    assert len(told["adapter_sha256"]) == 64
