"""`remask key`, and what `remask engine` wants before it serves a team."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server import cli
from lsp_server.core.errors import BadInput
from lsp_server.engine.runtime.team.keys import Keys

RUNNER = CliRunner()


def test_a_user_from_first_to_last(tmp_path: Path) -> None:
    """Their key is printed alone, so that it can be piped; then they are listed, then gone."""
    path = tmp_path / "keys"
    added = RUNNER.invoke(cli.app, ["key", "add", "ada", "--keys", str(path)])
    assert added.exit_code == 0
    assert Keys(path).user_of(added.stdout.strip()) == "ada"
    listed = RUNNER.invoke(cli.app, ["key", "list"], env={"REMASK_KEYS": str(path)})
    assert listed.stdout == "ada\n"
    assert RUNNER.invoke(cli.app, ["key", "remove", "ada", "--keys", str(path)]).exit_code == 0
    assert not path.read_text(encoding="utf-8")


@pytest.mark.parametrize("action", ["add", "remove"])
def test_a_name_is_needed(tmp_path: Path, action: str) -> None:
    """Without one nothing is written."""
    result = RUNNER.invoke(cli.app, ["key", action, "--keys", str(tmp_path / "keys")])
    assert isinstance(result.exception, BadInput)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:0"], "needs --keys"),
        (["--listen", "127.0.0.1:0", "--port", "1", "--keys", "k"], "--port means nothing"),
        (["--listen", "0.0.0.0:0", "--keys", "k"], "without TLS"),
        (["--listen", "nonsense", "--keys", "k"], "no HOST:PORT"),
        (["--listen", "127.0.0.1:0", "--keys", "no/such/file"], "cannot read"),
        (["--insecure-http"], "without --listen"),
        (["--tls-key", "k"], "without --listen"),
    ],
)
def test_what_an_engine_refuses(arguments: list[str], said: str) -> None:
    """Each with a sentence, before anything listens."""
    result = RUNNER.invoke(cli.app, ["engine", *arguments])
    assert isinstance(result.exception, BadInput)
    assert said in str(result.exception)
