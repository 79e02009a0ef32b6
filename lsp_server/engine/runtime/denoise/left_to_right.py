"""The yardstick: the base alone, one token a pass."""

from __future__ import annotations

from lsp_server.engine.runtime.denoise.run import Run


def left_to_right(run: Run) -> None:
    """Fill `run.canvas` until it stops."""
    while run.go_on():
        logits = run.read([run.last])
        run.exclude_behind(())
        choice = run.chooser.choose_in_order(logits, run.canvas.typed, len(run.canvas.tokens))[0]
        run.commit(run.chooser.weighed(choice, logits[0], run.canvas.typed))
        run.last = choice.token
        run.show()
