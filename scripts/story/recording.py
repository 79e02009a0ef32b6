"""The README's pictures of VS Code: ghost text, a doubt, and a rewrite while it is denoised and reviewed."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.console import Failed
from PIL import Image

from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings
from lsp_server.engine.source import LocalEngine
from tests.e2e.vscode.underlines import UNDERLINED, hover  # type: ignore[import-untyped]
from tests.e2e.vscode.window import Window, missing, opened_window  # type: ignore[import-untyped]

SLOWER = 2
"""Times slower than it was: a rewrite takes about a second."""
SHOWN_MS = 1500
"""How long the first and the last picture stay, as played."""
COLOURS = 48
CODE = """\
def average(numbers):
    total = 0
    count = 0
    for number in numbers:
        total = total + number
        count = count + 1
    return total / count


"""
WORDS = "use sum and len"
ACCOUNT = """\
def withdraw(balance, amount):
    \"""What is left of a balance.\"""
    if amount > balance:
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture and when it was taken, in seconds."""

    image: Image.Image
    at: float


def record(docs: Path) -> None:
    """Write the pictures into `docs`.

    Raises:
        Failed: something that is needed is not there.
    """
    if gone := missing():
        raise Failed(f"scripts/test installs what is missing: {gone}")
    with tempfile.TemporaryDirectory(prefix="remask-record-") as name:
        folder = Path(name).resolve()
        os.environ |= {
            f"REMASK_{name.upper()}_DIR": str(folder / name) for name in ("runtime", "log", "data")
        }
        (folder / "window").mkdir()
        try:
            with opened_window(folder / "window", os.environ) as window:
                window.wake("1", typed="one, two, three = ")
                _ghost(window).save(docs / "ghost-text.png", optimize=True)
                _doubt(window).save(docs / "doubts.png", optimize=True)
                _save(_rewrite(window), docs / "rewrite.gif")
        finally:
            asyncio.run(LocalEngine(DEFAULT_MODEL, EngineSettings()).stop())
    print(docs / "ghost-text.png", docs / "doubts.png", docs / "rewrite.gif", sep="\n")


def _ghost(window: Window) -> Image.Image:
    window.edit("shapes.py", "import math\n\n\ndef area(radius):\n    return math.pi * radius ** 2\n\n\n")
    window.type("def circumference(radius):")
    window.press("Enter")
    window.ghost("math.pi")
    return _seen(window)


def _doubt(window: Window) -> Image.Image:
    """What else the model thought of, beside what was accepted."""
    window.edit("account.py", ACCOUNT)
    window.type("        raise ")
    window.command("Trigger Inline Suggestion")  # also where it came too late to be shown unasked
    window.ghost("ValueError(")
    window.press("Tab")
    window.page.wait_for_function(f"({UNDERLINED})().length > 0")
    window.press("Escape")  # the next suggestion, which the picture can do without
    hover(window, "Amount")
    return _seen(window)


def _rewrite(window: Window) -> list[Shot]:
    """From the order to the accepted rewrite."""
    window.edit("average.py", CODE)
    window.press("Control+A", "Control+Alt+R")
    window.answer("Rewrite Selection", WORDS)
    shots = _watched(window, lambda: window.page.query_selector(".codelens-decoration") is not None)
    window.page.wait_for_timeout(500)
    shots += [Shot(_seen(window), shots[-1].at + 0.3)]
    window.press("Control+Enter")
    window.unpainted()
    window.lenses()
    return [*shots, Shot(_seen(window), shots[-1].at + 2 * SHOWN_MS / 1000 / SLOWER)]


def _watched(window: Window, over: Callable[[], bool]) -> list[Shot]:
    shots = [Shot(_seen(window), time.monotonic())]
    while not over():
        shots.append(Shot(_seen(window), time.monotonic()))
    return shots


def _seen(window: Window) -> Image.Image:
    """The editor's upper part."""
    clip = {"x": 348, "y": 90, "width": 600, "height": 250}
    return Image.open(io.BytesIO(window.page.screenshot(clip=clip))).convert("RGB")


def _save(shots: list[Shot], path: Path) -> None:
    """An animated GIF of the shots that differ from the one before."""
    kept = [shots[0]]
    kept += [
        now for before, now in itertools.pairwise(shots) if before.image.tobytes() != now.image.tobytes()
    ]
    lasts = [1000 * SLOWER * (after.at - now.at) for now, after in itertools.pairwise(kept)]
    frames = [shot.image.quantize(COLOURS) for shot in kept]
    times = [SHOWN_MS, *(max(20, round(each)) for each in lasts[1:]), 2 * SHOWN_MS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True)
