"""Doubtful tokens as a window shows them."""

from __future__ import annotations

import time

from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.vscode.window import PATIENCE_S, Window

UNDERLINED = """() => [...document.querySelectorAll('.editor-group-container.active .view-overlays .cdr')]
    .filter(each => getComputedStyle(each).borderBottomStyle === 'dotted')"""


def underlines(window: Window) -> int:
    return int(window.page.evaluate(f"({UNDERLINED})().length"))


def until_underlined(window: Window, count: int) -> None:
    """Wait until so many tokens are."""
    window.page.wait_for_function(f"({UNDERLINED})().length === {count}")


def hover(window: Window, said: str, nth: int = 0) -> None:
    """Move the pointer onto an underlined token, again if it moved meanwhile, and wait for the hover."""
    middle = "each => [each.x + each.width / 2, each.y + each.height / 2]"
    deadline = time.monotonic() + PATIENCE_S
    while True:
        x, y = window.page.evaluate(f"({middle})(({UNDERLINED})().at({nth}).getBoundingClientRect())")
        window.page.mouse.move(0, 0)
        window.page.mouse.move(x, y)
        try:
            window.page.wait_for_selector(f'.monaco-hover:visible table:has-text("{said}")', timeout=3000)
            break
        except PlaywrightTimeout:
            assert time.monotonic() < deadline, "no hover ever came"
    window.page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
