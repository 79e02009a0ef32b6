"""`remask fill-holes`: the marked holes of several files, filled together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lsp_server.lsp.server import Services
    from lsp_server.service.across.edited import Together

_BUDGET_MS = 600_000


def command(
    paths: Annotated[
        list[str], typer.Argument(help="Files, or folders all of whose files of known languages are meant.")
    ],
    *,
    in_place: Annotated[bool, typer.Option("--in-place", help="Change the files.")] = False,
) -> None:
    """Fill the marked holes of several files, each seeing the others, and print a unified diff."""
    from rich.console import Console

    from lsp_server.commands._session import Progress, answer, project_of
    from lsp_server.commands._several import deliver_all, opened, refuse_nothing

    async def work(services: Services) -> Together:
        documents = [services.documents.open(each.document) for each in sources]
        may = [each for each in documents if services.gate.check_asked(each) is None]
        together = await services.holes_together.fill(
            may, lambda done, total: progress.say(f"denoising hole {done + 1} of {total}")
        )
        refuse_nothing(together, services.engine)
        return together

    sources = opened(paths)
    with Progress(Console(stderr=True), quiet=False) as progress:
        first = next((each.document.path for each in sources), None)
        together = answer({"rewrite": {"budgetMs": _BUDGET_MS}}, progress, work, project_of(first))
    deliver_all(together, in_place=in_place)
