"""The suspicion map of the real default model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import DEFAULT_MODEL, EngineSettings, Settings
from lsp_server.core.types import Document
from lsp_server.engine.client import EngineStatus
from lsp_server.engine.protocol import FillRequest, FillResult, FrameEvent
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.runtime.load import load_filler
from lsp_server.engine.runtime.suspect import _Lines
from lsp_server.service.documents import Documents
from lsp_server.service.gate import Gate
from lsp_server.service.suspicion.book import Suspicions
from lsp_server.service.suspicion.look import Looker

pytestmark = pytest.mark.model

SHOP = '''"""A shop's basket."""

from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float
    quantity: int = 1


def clamp(value, low, high):
    """`value`, but not below `low` nor above `high`."""
    return max(low, min(value, high))


def index_of(items, name):
    """The place of the item called `name`, or -1."""
    for index, item in enumerate(items):
        if item.name == name:
            return index
    return -1


def total(items, discount=0.0):
    """What all items cost together, less a discount between 0 and 1."""
    result = 0.0
    for item in items:
        result += item.price * item.quantity
    discount = clamp(discount, 0, 1)
    return result * (1 - discount)


def cheapest(items):
    """The item with the lowest price; None if there is none."""
    best = None
    for item in items:
        if best is None or item.price < best.price:
            best = item
    return best
'''


class InProcess:
    """The loaded model as the use case asks for it."""

    status = EngineStatus("ready", "")

    def __init__(self, filler: DiffusionFiller) -> None:
        self._filler = filler

    async def fill(
        self,
        request: FillRequest,
        on_frame: Callable[[FrameEvent], None] | None = None,
        *,
        wait: bool = False,
    ) -> FillResult:
        return self._filler.fill(request, cancel=CancelToken())


@pytest.fixture(scope="module")
def filler() -> Iterator[DiffusionFiller]:
    """The loaded model."""
    loaded = load_filler(DEFAULT_MODEL, lambda _share, _what: None, settings=EngineSettings())
    yield loaded
    loaded.close()


def found(filler: DiffusionFiller, text: str) -> list[tuple[str, str]]:
    """What is flagged, and what is proposed instead."""
    documents = Documents()
    looker = Looker(
        documents=documents,
        suspicions=Suspicions(),
        gate=Gate(lambda _: None),
        engine=InProcess(filler),
        settings_for=lambda _: Settings(),
    )
    document = documents.open(Document("key", "python", text, Path("/project/shop.py")))
    flags = asyncio.run(looker.look(document)).flags
    return [(text[flag.span.start : flag.span.end], flag.alternative) for flag in flags]


def test_tokens_do_not_cross_lines(filler: DiffusionFiller) -> None:
    """Pieces of a text have the tokens that all of it has."""
    encode = filler.loaded.family.vocabulary.encode
    for text in (SHOP, SHOP.replace("    ", "\t").replace("\n\n\n", "\n \n\n\t\n"), "x);\n\n\n  )\n"):
        assert list(_Lines.of(text, encode).tokens) == encode(text)


def test_code_that_is_right_is_not_flagged(filler: DiffusionFiller) -> None:
    """The model expects what stands there."""
    assert found(filler, SHOP) == []


@pytest.mark.parametrize(
    ("right", "wrong", "flag"),
    [
        ("item.name == name", "item.name != name", ("!=", "==")),
        ("item.price < best.price", "item.price > best.price", (">", "<")),
        ("for item in items:\n        result +=", "for item in items:\n        result -=", ("-=", "+=")),
        ("return result * (1 - discount)", "return result * (1 + discount)", ("+", "-")),
        ("best is None or item", "best is None and item", ("and", "or")),
        ("            best = item\n", "            best = items\n", ("items", "item")),
        ("clamp(discount, 0, 1)", "clamp(discount, 1, 0)", ("1, 0", "0, 1")),
    ],
)
def test_a_planted_bug_is_found(
    filler: DiffusionFiller, right: str, wrong: str, flag: tuple[str, str]
) -> None:
    """The one place that is wrong is flagged, and the fix is what stood there before."""
    assert right in SHOP
    assert found(filler, SHOP.replace(right, wrong, 1)) == [flag]
