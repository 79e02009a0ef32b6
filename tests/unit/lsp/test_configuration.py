from __future__ import annotations

from pathlib import Path

from lsp_server.core.settings import Settings
from lsp_server.core.types import Document
from lsp_server.lsp.configuration import Configuration

ROOT = Path("/project").absolute()


def document(path: Path | None) -> Document:
    return Document("key", "python", "", path)


def test_later_layers_win() -> None:
    """What is pulled goes over what was pushed, and that over the initial options."""
    configuration = Configuration()
    configuration.start({"model": "first", "completion": {"maxLines": 1}})
    configuration.push({"model": "second", "enable": False})
    configuration.pull({"enable": True}, {})
    settings = configuration.settings
    assert (settings.model, settings.completion.max_lines, settings.enable) == ("second", 1, True)


def test_the_innermost_folder_decides() -> None:
    """A document gets the settings of the deepest folder around it, else those outside folders."""
    configuration = Configuration()
    folders = {ROOT: {"model": "outer"}, ROOT / "sub": {"model": "inner"}}
    configuration.pull({"model": "global"}, folders)
    asked = {
        ROOT / "a.py": "outer",
        ROOT / "sub" / "a.py": "inner",
        ROOT / "subway" / "a.py": "outer",
        ROOT.parent / "elsewhere" / "a.py": "global",
        None: "global",
    }
    assert {path: configuration.settings_for(document(path)).model for path in asked} == asked


def test_listeners_hear_of_changes_only() -> None:
    """The same settings again are no change."""
    heard: list[Settings] = []
    configuration = Configuration()
    configuration.subscribe(heard.append)
    configuration.push({"model": "other"})
    configuration.push({"model": "other"})
    configuration.pull({}, {})
    assert [settings.model for settings in heard] == ["other"]


def test_each_warning_comes_once() -> None:
    """The same mistake in every layer and at every change is told a single time."""
    configuration = Configuration()
    configuration.start({"colour": 1})
    configuration.push({"colour": 2})
    assert configuration.take_warnings() == ("unknown setting remask.colour",)
    configuration.pull({}, {ROOT: {"colour": 3, "model": 4}})
    warnings = configuration.take_warnings()
    assert len(warnings) == 1
    assert "remask.model" in warnings[0]
    assert configuration.take_warnings() == ()
