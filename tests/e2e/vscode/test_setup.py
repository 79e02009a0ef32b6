"""The first hour in a real VS Code, from nothing to a suggestion; and whom a window trusts."""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
import tomllib
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.e2e.conftest import Shell
from tests.e2e.vscode.window import ROOT, VSIX, missing, opened_window

if TYPE_CHECKING:
    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]
ASSETS = ROOT / "lsp_server" / "assets"
INSTALLED_MS = 1_800_000
"""After which what depends on the network has failed."""
NO_COMMAND = "the remask command was not found"
KEEPER = """
import json, pathlib, runpy, sys, time
here, arguments = pathlib.Path(__file__).parent, sys.argv[1:]
there = here / "there"
if arguments[:1] == ["models"]:
    row = {"name": "qwen2.5-coder-0.5b-fim", "title": "A model", "licence": "Apache-2.0", "size_mib": 469}
    print(json.dumps([{**row, "memory_mib": 1, "runs_here": True, "installed": there.exists()}]))
elif arguments[:1] == ["pull"]:
    step = {"phase": "fetching", "done": 100 << 20, "total": 469 << 20, "source": "a place"}
    print(json.dumps(step), flush=True)
    (here / "pulls").open("a").write("x")
    while not (here / "gate").exists():
        time.sleep(0.05)
    there.touch()
    print(json.dumps({"phase": "done", "path": str(there)}))
else:
    sys.argv = ["lsp_server", *arguments]
    runpy.run_module("lsp_server", run_name="__main__")
"""
"""The `remask` of a machine whose model comes when the test wants it."""


@pytest.fixture
def bare(own_standin: Standin, tmp_path: Path) -> dict[str, str]:
    """A machine with a Python, and no `remask`. What Remask depends on is there, so nothing is downloaded."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    path = os.pathsep.join([str(programs), "/usr/bin", "/bin"])
    assert shutil.which("remask", path=path) is None
    return {
        **own_standin.env,
        "PATH": path,
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "HF_HUB_OFFLINE": "1",
    }


def test_remask_is_installed_if_the_user_agrees(
    own_standin: Standin, bare: dict[str, str], tmp_path: Path
) -> None:
    """Nothing before consent; a failure is said; then what the extension brings is installed."""
    own_standin.answers({"fill": "1"})
    constraints = tmp_path / "constraints.txt"  # which pip misses at first
    with opened_window(tmp_path, {**bare, "PIP_CONSTRAINT": str(constraints)}, {}, says=NO_COMMAND) as window:
        own = tmp_path / "user" / "User" / "globalStorage" / "remask.remask"
        window.page.wait_for_selector('.notification-list-item:has-text("4 GB of disk")')
        window.picture("consent")
        assert "not found" not in "".join(window.page.locator(".notification-list-item").all_inner_texts())
        assert not (own / "environment").exists()
        window.answer_notice("Download it with pip", "Set Up")
        window.page.wait_for_selector('.notification-list-item:has-text("could not install remask-0")')
        window.picture("failure")
        window.status("not set up")
        assert "ERROR" in (own / "setup.log").read_text(encoding="utf-8")
        constraints.touch()
        window.answer_notice("could not install", "Try Again")
        window.page.wait_for_selector('.notification-list-item:has-text("setting up")')
        window.picture("progress")
        window.status("being set up")
        window.page.wait_for_selector('.notification-list-item:has-text("469 MiB")', timeout=300_000)
        window.picture("model")
        assert any(str(own) in " ".join(psutil.Process(pid).cmdline()) for pid in window.servers())
        stamp = json.loads((own / "environment" / "remask.json").read_text(encoding="utf-8"))
        assert Path(stamp["requirement"]).parent == next(tmp_path.glob("extensions/remask.*/dist/wheel"))
        window.press("Escape")
        window.wake("1")


@pytest.mark.model
@pytest.mark.skipif("REMASK_TEST_INSTALL" not in os.environ, reason="downloads 2 GB: see CONTRIBUTING.md")
def test_it_is_installed_with_all_it_needs(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What the packed wheel depends on is fetched by pip, the model is pulled, and it completes."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    own = ("REMASK_", "PYTHON", "VIRTUAL_ENV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    env["PATH"] = os.pathsep.join([str(programs), "/usr/bin", "/bin"])
    env |= {f"REMASK_{name.upper()}_DIR": str(tmp_path / name) for name in ("runtime", "log", "cache")}
    assert shutil.which("remask", path=env["PATH"]) is None
    for large in ("user", "cache"):
        request.addfinalizer(partial(shutil.rmtree, tmp_path / large))
    request.addfinalizer(Shell(tmp_path, env).end)
    with opened_window(tmp_path, env, {}, says=NO_COMMAND) as window:
        window.answer_notice("Download it with pip", "Set Up")
        offer = '.notification-list-item:has-text("469 MiB")'
        window.page.wait_for_selector(offer, timeout=INSTALLED_MS)
        window.answer_notice("469 MiB", "Pull")
        window.page.wait_for_selector('.notification-list-item:has-text("is here")', timeout=INSTALLED_MS)
        window.press("Escape")
        window.edit("first.py", "one, two, three = ")
        starting = '.statusbar-item [aria-label="Remask, {}"]'
        window.type("1")
        window.page.wait_for_selector(starting.format("ready"), state="detached")
        window.page.wait_for_selector(starting.format("ready"), state="attached", timeout=INSTALLED_MS)
        window.picture("installed")
        window.wake("2", typed="one, two, three = 1,")


def test_the_extension_brings_remask_along() -> None:
    """The packed extension holds this version's wheel, whole: what serves, and the adapter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = f"{project['name']}-{project['version']}"
    with zipfile.ZipFile(VSIX) as packed:
        wheels = [each for each in packed.namelist() if each.endswith(".whl")]
        assert wheels == [f"extension/dist/wheel/{name}-py3-none-any.whl"]
        with packed.open(wheels[0]) as file, zipfile.ZipFile(file) as wheel:
            inside = set(wheel.namelist())
            adapters = {f"lsp_server/assets/{each.name}" for each in ASSETS.glob("*.safetensors")}
            assert adapters
            assert inside >= {"lsp_server/__main__.py", f"{name}.dist-info/METADATA", *adapters}


def test_what_came_with_an_older_extension_can_be_replaced(
    own_standin: Standin, bare: dict[str, str], tmp_path: Path
) -> None:
    """An environment made from another version's wheel works, and installing this one's is offered."""
    own_standin.answers({"fill": "1"})
    made = tmp_path / "user" / "User" / "globalStorage" / "remask.remask" / "environment"
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "python").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    stamp = {"requirement": "/old/dist/wheel/remask-0.0.1-py3-none-any.whl"}
    (made / "remask.json").write_text(json.dumps(stamp), encoding="utf-8")
    here = {**bare, "PYTHONPATH": os.pathsep.join([str(ROOT), bare["PYTHONPATH"]])}
    with opened_window(tmp_path, here, {}) as window:
        offer = '.notification-list-item:has-text("0.0.1"):has-text("Install Anew")'
        window.page.wait_for_selector(offer)
        window.picture("outdated")
        window.wake("1")


def test_a_missing_model_is_pulled_if_the_user_agrees(own_standin: Standin, tmp_path: Path) -> None:
    """Its size is named first; how far it is can be seen, and stopped; a command goes on with it."""
    own_standin.answers(error="model-missing")
    keeper = tmp_path / "keeper.py"
    keeper.write_text(KEEPER, encoding="utf-8")
    machine = {"remask.command": [sys.executable, str(keeper)]}
    with opened_window(tmp_path, own_standin.env, machine) as window:
        window.edit("first.py", "")
        offer = window.page.locator('.notification-list-item:has-text("469 MiB, Apache-2.0")')
        window.until(lambda: window.type("x = 1\n") or offer.is_visible())  # typed before there is an engine
        window.picture("offer")
        assert not (tmp_path / "pulls").exists()
        window.answer_notice("469 MiB", "Pull")
        window.page.wait_for_selector('.notification-list-item:has-text("100 of 469 MiB from a place")')
        window.picture("pulling")
        window.answer_notice("100 of 469 MiB", "Cancel")
        window.page.wait_for_selector('.notification-list-item:has-text("goes on from there")')
        own_standin.answers({"fill": "1"})
        (tmp_path / "gate").touch()
        window.press("Escape")
        window.command("Remask: Pull Model")
        window.answer_notice("469 MiB, Apache-2.0", "Pull")
        window.page.wait_for_selector('.notification-list-item:has-text("is here")')
        assert (tmp_path / "pulls").read_text(encoding="utf-8") == "xx"
        window.press("Escape")
        window.wake("1")


def test_a_workspace_that_is_not_trusted_starts_nothing(own_standin: Standin, tmp_path: Path) -> None:
    """Its settings name another program, which runs once the user trusts it, and not before."""
    own_standin.answers({"fill": "1"})
    work, ran = tmp_path / "work", tmp_path / "ran"
    named = [sys.executable, "-c", f"open({str(ran)!r}, 'w')"]
    (work / ".vscode").mkdir(parents=True)
    settings = {"remask.command": named, "remask.package": "/evil"}
    (work / ".vscode" / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    with opened_window(tmp_path, own_standin.env, trusting=False) as window:
        window.wake("1")
        window.picture("untrusted")
        assert not ran.exists()
        window.command("Workspaces: Manage Workspace Trust")
        window.page.click('.workspace-trust-editor a.monaco-button:has-text("Trust") >> nth=0')
        window.until(ran.exists)


def test_nothing_is_imported_from_the_workspace(own_standin: Standin, tmp_path: Path) -> None:
    """A folder that has modules of the server's names is opened, and none of them runs."""
    own_standin.answers({"fill": "1"})
    ran = tmp_path / "ran"
    for name in ("lsp_server", "pygls", "asyncio"):
        package = tmp_path / "work" / name
        package.mkdir(parents=True)
        for module in ("__init__.py", "__main__.py"):
            (package / module).write_text(f"open({str(ran)!r}, 'w')", encoding="utf-8")
    with opened_window(tmp_path, own_standin.env, trusting=False) as window:
        window.wake("1")
        assert not ran.exists()


def test_the_walkthrough_leads_through_it(own_standin: Standin, tmp_path: Path) -> None:
    """Its steps do what they are about, and are ticked off."""
    own_standin.answers({"before": "return", "fill": "number % 2 == 0"}, {"fill": "1"})
    with opened_window(tmp_path, own_standin.env) as window:
        window.wake("1")
        window.press("Control+B")
        window.command("Remask: How to Use It")
        step = '.getting-started-step:has-text("{}")'
        window.page.click(f"{step.format('Set it up')} a.monaco-button")
        window.page.wait_for_selector(f"{step.format('Set it up')} .complete")
        window.page.click(step.format("Take a suggestion"))
        window.page.wait_for_selector(f"{step.format('Take a suggestion')}.expanded")
        media = window.page.frame_locator("iframe.webview >> nth=-1").frame_locator("#active-frame")
        media.get_by_text("takes a word of it").wait_for()  # VS Code loads it after the step
        window.picture("walkthrough")
        window.page.click(f"{step.format('Take a suggestion')} a.monaco-button")
        window.ghost("number % 2 == 0")
        window.press("Tab")
        window.reads("return number % 2 == 0")
        window.command("Remask: How to Use It")
        window.page.wait_for_selector(f"{step.format('Take a suggestion')} .complete", state="attached")
        window.picture("walkthrough-tried")


def test_what_is_no_file_says_why_it_is_silent(own_standin: Standin, tmp_path: Path) -> None:
    """A document that VS Code makes up is not completed, the status says so, and files are as before."""
    own_standin.answers({"fill": "1"})
    with opened_window(tmp_path, own_standin.env) as window:
        window.wake("1")
        window.command("Preferences: Open Default Settings (JSON)")
        window.status("silent here: only files")
        window.picture("silent")
        window.wake("1")
        window.status("ready")
