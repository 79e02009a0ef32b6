"""Changes with consequences, and holes of several documents, by the real default model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lsp_server.context.gather import Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.edits import apply_together
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings, RewriteSettings, Settings
from lsp_server.core.types import Document
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.load import load_filler
from lsp_server.evaluation.next_edit.run import InProcess
from lsp_server.service.across.edited import Together
from lsp_server.service.across.holes import HolesTogether
from lsp_server.service.consequences.changed import by_name, by_signature
from lsp_server.service.consequences.follow import Follower
from lsp_server.service.documents import Documents
from lsp_server.service.gate import Gate
from lsp_server.service.next_edit.change import History
from lsp_server.service.rewrite import Rewriter
from lsp_server.service.status import StatusBoard

pytestmark = pytest.mark.model

UNHURRIED = Settings(rewrite=RewriteSettings(budget_ms=600_000))
PRICES = '''\
"""Prices of things; `price` is what others call."""


def price(item, quantity):
    """The price of `quantity` pieces of an item."""
    return item.cost * quantity
'''
ORDERS = """\
from prices import price


def order(cart, customer, currency):
    cost = 0
    for item, count in cart.items:
        cost += price(item, count)
    return customer, cost


def quote(item, customer):
    currency = customer.currency
    offer = price(item, 1)
    return f"{offer} {currency}"
"""


@pytest.fixture(scope="module")
def filler() -> Iterator[DiffusionFiller]:
    """The loaded model."""
    loaded = load_filler(DEFAULT_MODEL, lambda _share, _what: None, settings=EngineSettings())
    yield loaded
    loaded.close()


def texts(together: Together) -> dict[str, str]:
    assert together.silence is None
    return {
        Path(each.document.key).stem: apply_together(each.document.text, each.edits)
        for each in together.edited
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "prices.py").write_text(PRICES, encoding="utf-8")
    (tmp_path / "orders.py").write_text(ORDERS, encoding="utf-8")
    held = Workspace()
    held.set_roots([tmp_path])
    held.wait_idle(60)
    yield held
    held.close()


def follower(filler: DiffusionFiller, workspace: Workspace, documents: Documents) -> Follower:
    return Follower(
        documents=documents,
        workspace=workspace,
        gate=Gate(workspace.excluded),
        gatherer=Gatherer(workspace, RecentEdits()),
        engine=InProcess(filler),
        board=StatusBoard(),
        history=History(),
        settings_for=lambda _: UNHURRIED,
    )


def test_an_argument_added_at_a_definition_appears_at_its_calls(
    filler: DiffusionFiller, workspace: Workspace
) -> None:
    """In another file, from what is known at each call: it has the value that belongs there."""
    documents = Documents()
    path = workspace.roots[0] / "prices.py"
    document = documents.open(Document(path.as_uri(), "python", PRICES, path))
    at = PRICES.index("price(item")
    changed = by_signature(document, documents.parsed_for(document), at, "item, quantity, currency")
    found = texts(asyncio.run(follower(filler, workspace, documents).follow(changed)))
    assert "def price(item, quantity, currency):" in found["prices"]
    assert asked_of(found["orders"]) == [("pen", 3, "EUR"), ("pen", 1, "USD")]


def asked_of(orders: str) -> list[tuple[object, ...]]:
    """What the calls of the module pass on; the parameter differs from what the customer has."""
    passed: list[tuple[object, ...]] = []

    def price(*arguments: object) -> int:
        passed.append(arguments)
        return 0

    scope: dict[str, Any] = {"price": price}
    exec(orders.replace("from prices import price\n", ""), scope)  # noqa: S102 -- two calls of names
    customer = SimpleNamespace(currency="USD")
    scope["order"](SimpleNamespace(items=[("pen", 3)]), customer, "EUR")
    scope["quote"]("pen", customer)
    return passed


def test_words_follow_a_rename_where_they_speak_of_it(filler: DiffusionFiller, workspace: Workspace) -> None:
    """The name in the docstring of the module, and not the plain word."""
    documents = Documents()
    path = workspace.roots[0] / "prices.py"
    document = documents.open(Document(path.as_uri(), "python", PRICES, path))
    changed = by_name(document, documents.parsed_for(document), PRICES.index("price(item"), "cost_of")
    found = texts(asyncio.run(follower(filler, workspace, documents).follow(changed)))
    assert found["prices"].startswith('"""Prices of things; `cost_of` is what others call."""')
    assert '"""The price of `quantity` pieces of an item."""' in found["prices"]
    assert "from prices import cost_of" in found["orders"]


def test_a_marked_hole_follows_the_one_it_depends_on(filler: DiffusionFiller) -> None:
    """The call's argument comes behind the parameter, which it is shown, in another document."""
    documents = Documents()
    workspace = Workspace()
    gatherer = Gatherer(workspace, RecentEdits())

    def make(found: Gatherer) -> Rewriter:
        return Rewriter(
            documents=Documents(),
            gate=Gate(lambda _: None),
            gatherer=found,
            engine=InProcess(filler),
            board=StatusBoard(),
            settings_for=lambda _: UNHURRIED,
        )

    use = "from shapes import draw\n\n\ndef show(box, colour):\n    draw(box, ___)\n"
    shapes = 'def draw(shape, ___):\n    """Draw a shape in a colour."""\n    shape.fill(colour)\n'
    opened = [
        documents.open(Document(f"{name}.py", "python", text))
        for name, text in (("use", use), ("shapes", shapes))
    ]
    together = HolesTogether(documents=documents, gatherer=gatherer, make=make, named=lambda each: each.key)
    found = texts(asyncio.run(together.fill(opened)))
    assert "def draw(shape, colour" in found["shapes"]
    assert "draw(box, colour" in found["use"]
