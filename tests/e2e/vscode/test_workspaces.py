"""Workspaces in VS Code that are not one folder on a disk: several folders, and files that lie nowhere."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.window import Window, missing, opened_window

if TYPE_CHECKING:
    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
MEMORY_FILES = Path(__file__).with_name("memory_files")
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="memory-files" Version="0.0.1" Publisher="test"/></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json"/></Assets>
</PackageManifest>
"""
TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="json" ContentType="application/json"/>
<Default Extension="js" ContentType="application/javascript"/>
<Default Extension="vsixmanifest" ContentType="text/xml"/>
</Types>
"""


def test_each_folder_has_its_own_settings(own_standin: Standin, tmp_path: Path) -> None:
    """Both are completed, but not in the language that one turned off, until it is turned on again there."""
    own_standin.answers({"fill": "1"})
    work = tmp_path / "work"
    for name in ("first", "second"):
        (work / name).mkdir(parents=True)
    settings = work / "second" / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"remask.languages": {"python": false}}', encoding="utf-8")
    both = work / "both.code-workspace"
    both.write_text(json.dumps({"folders": [{"path": "first"}, {"path": "second"}]}), encoding="utf-8")
    with opened_window(tmp_path, own_standin.env, shows={"workspace": str(both)}) as window:
        window.wake("1")
        window.edit("first/one.py", "")
        window.type("x = ")
        window.ghost("1")
        window.edit("second/two.py", "")
        window.type("x = ")
        window.status("turned off for this language")
        window.picture("folders")
        window.edit("second/two.js", "")
        window.type("x = ")
        window.ghost("1")
        window.edit("second/three.py", "")
        window.menu()
        window.choose("Turn on for python")
        window.until(
            lambda: json.loads(settings.read_text("utf-8")) == {"remask.languages": {"python": True}}
        )
        window.type("x = ")
        window.ghost("1")


def test_files_that_lie_nowhere_are_completed_and_rewritten(own_standin: Standin, tmp_path: Path) -> None:
    """A folder of another extension's file system: its text is enough."""
    own_standin.answers({"instruction": "replace all", "fill": "# NOWHERE\n"}, {"fill": "1"})
    with zipfile.ZipFile(tmp_path / "memory-files.vsix", "w") as packed:
        packed.writestr("extension.vsixmanifest", MANIFEST)
        packed.writestr("[Content_Types].xml", TYPES)
        for file in MEMORY_FILES.iterdir():
            packed.write(file, f"extension/{file.name}")
    with opened_window(
        tmp_path,
        own_standin.env,
        others=[tmp_path / "memory-files.vsix"],
        shows={"folder": "memory:/"},
    ) as window:
        open_in_explorer(window, "virtual.py")
        window.press("Control+A", "Control+Alt+R")
        window.answer("Rewrite Selection", "replace all")
        window.lenses("Accept|Reject|Again")
        window.press("Control+Enter")
        window.reads("# NOWHERE")
        window.press("Control+End")
        window.type("x = ")
        window.ghost("1")
        window.picture("virtual")
        window.status("ready")


def open_in_explorer(window: Window, name: str) -> None:
    """Open a file of the folder on show, and put the cursor into it."""
    window.page.dblclick(f'.explorer-folders-view .monaco-list-row:has-text("{name}")')
    window.active(name)
    window.page.click(".editor-group-container.active .monaco-editor .view-lines")
