"""Which files may be shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lsp_server.context.exclude import Exclusion
from lsp_server.core.types import Silence


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".gitignore").write_text("*.log\n.env\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "silence"),
    [
        ("src/main.py", None),
        ("a.log", Silence.IGNORED_FILE),
        ("node_modules/a.js", Silence.IGNORED_FILE),
        ("id_rsa", Silence.PRIVATE_FILE),
        (".env", Silence.PRIVATE_FILE),
    ],
)
def test_verdicts(root: Path, name: str, silence: Silence | None) -> None:
    """Ignored and private files are told apart; a private one stays private when it is ignored too."""
    exclusion = Exclusion()
    exclusion.set_roots([root])
    assert exclusion.verdict(root / name) is silence


def test_files_outside_all_roots_are_only_checked_for_secrets(root: Path) -> None:
    """Without a root there are no ignore rules, but names still count."""
    exclusion = Exclusion()
    assert exclusion.verdict(root / "a.log") is None
    assert exclusion.verdict(root / "server.pem") is Silence.PRIVATE_FILE


def test_the_innermost_root_counts(root: Path) -> None:
    """A root inside another one's ignored folder is worked in."""
    inner = root / "node_modules" / "mine"
    inner.mkdir(parents=True)
    exclusion = Exclusion()
    exclusion.set_roots([root, inner])
    assert exclusion.root_of(inner / "a.js") == inner
    assert exclusion.verdict(inner / "a.js") is None
    assert exclusion.verdict(root / "node_modules" / "a.js") is Silence.IGNORED_FILE


def test_changed_rules_count_after_forgetting(root: Path) -> None:
    """Verdicts are kept until `forget`."""
    exclusion = Exclusion()
    exclusion.set_roots([root])
    assert exclusion.verdict(root / "a.log") is Silence.IGNORED_FILE
    (root / ".gitignore").write_text("*.py\n", encoding="utf-8")
    assert exclusion.verdict(root / "a.log") is Silence.IGNORED_FILE
    exclusion.forget()
    assert exclusion.verdict(root / "a.log") is None
    assert exclusion.verdict(root / "a.py") is Silence.IGNORED_FILE


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_is_judged_by_both_its_names(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A harmless name that leads to a secret is private, and so is a private name."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "id_rsa").write_text("", encoding="utf-8")
    (elsewhere / "plain").write_text("", encoding="utf-8")
    (root / "notes.py").symlink_to(elsewhere / "id_rsa")
    (root / "server.key").symlink_to(elsewhere / "plain")
    exclusion = Exclusion()
    exclusion.set_roots([root])
    assert exclusion.verdict(root / "notes.py") is Silence.PRIVATE_FILE
    assert exclusion.verdict(root / "server.key") is Silence.PRIVATE_FILE


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_root_behind_a_link_holds_its_files(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files are found below their root whichever of its names is used."""
    link = tmp_path_factory.mktemp("links") / "root"
    link.symlink_to(root, target_is_directory=True)
    exclusion = Exclusion()
    exclusion.set_roots([link])
    assert exclusion.verdict(link / "a.log") is Silence.IGNORED_FILE
    assert exclusion.verdict(root / "a.log") is Silence.IGNORED_FILE
