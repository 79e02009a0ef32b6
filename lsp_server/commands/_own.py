"""What becomes of an adapter of the user's own: fills are compared, and it is kept if they are no worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lsp_server.core.settings import EngineSettings
from lsp_server.engine.store.files import sha256_of
from lsp_server.engine.store.own import Figures, Own, keep
from lsp_server.evaluation.heldout import holes_in
from lsp_server.evaluation.model import load
from lsp_server.evaluation.own import HOLES, Fills, fills_of, no_worse
from lsp_server.evaluation.problems import Problem
from lsp_server.training.corpus.documents import CorpusDocument

Say = Callable[[str], object]


def judge(
    adapter: Path,
    *,
    code: Path,
    model: str,
    held_out: Sequence[CorpusDocument],
    losses: tuple[float, float],
    say: Say,
) -> Own | None:
    """Compare fills of held-out files without and with an adapter; keep it if nothing speaks against it.

    Raises:
        RemaskError: the model cannot be loaded.
    """
    problems = holes_in([asdict(each) for each in held_out], HOLES, seed=0)
    if not problems:
        say("the held-out files have no place to fill, so it is not known whether it helps: it is not used")
        return None
    say(f"filling {len(problems)} holes of held-out files, without and with the adapter")
    before, after = (_fills(model, each, problems) for each in (None, adapter))
    figures = _figures(losses, before, after)
    say(table(figures))
    if not no_worse(before, after):
        say("fills got worse: it is not used")
        return None
    own = Own(model, str(code.resolve()), sha256_of(adapter), datetime.now(UTC), figures)
    keep(own)
    say("it helps: editors use it from now on for code there. `remask adapters` shows and removes it")
    return own


def table(figures: Figures) -> str:
    """Both sides, for a person."""
    rows = (
        ("loss of a held-out token", "{:.3f}", figures.loss),
        (f"exact fills of {figures.holes}", "{:.0%}", figures.exact),
        ("similarity to what stood there", "{:.3f}", figures.similarity),
        ("passes for a fill", "{:.1f}", figures.forwards),
    )
    return "\n".join(
        f"  {name:<32}{form.format(pair[0]):>8} before {form.format(pair[1]):>8} after"
        for name, form, pair in rows
    )


def _fills(model: str, adapter: Path | None, problems: Sequence[Problem]) -> Fills:
    loaded = load(model, EngineSettings(), adapter, lambda _share, _what: None)
    try:
        return fills_of(loaded.asker, problems, lambda: None)
    finally:
        loaded.asker.filler.close()


def _figures(losses: tuple[float, float], before: Fills, after: Fills) -> Figures:
    exact, similarity, forwards = zip(before.figures, after.figures, strict=True)
    return Figures(len(before.exact), losses, exact, similarity, forwards)
