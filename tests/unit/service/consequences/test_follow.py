from __future__ import annotations

import pytest

from lsp_server.core.errors import EngineUnavailable
from lsp_server.core.types import Edit, Silence, Span
from lsp_server.service.consequences.sites import OVERRIDDEN
from lsp_server.service.consequences.write import LEAST_SURE, NOT_SURE
from tests.unit.service.consequences.conftest import Project

pytestmark = pytest.mark.asyncio
PRICES = '''\
def price(item, count):
    """What `count` of an item cost."""
    return item.cost * count


def total(items):
    # the price of all
    return sum(price(item, 1) for item in items)
'''
ORDERS = """\
from prices import price


def order(item, money):
    return price(item, 2)
"""


async def test_an_argument_added_at_the_definition_appears_at_the_calls(project: Project) -> None:
    """In the file itself and in one that is not open; later ones see the definition and earlier ones."""
    project.write(prices=PRICES, orders=ORDERS)
    document = project.open("prices")
    project.model.writes = {"price(item, 1,": " item.currency)", "price(item, 2,": " money)"}
    texts = await project.follow(project.refitted(document, "price(", "item, count, currency"))
    assert "def price(item, count, currency):" in texts["prices"]
    assert "price(item, 1, item.currency) for item" in texts["prices"]
    assert "return price(item, 2, money)\n" in texts["orders"]
    last = project.model.requests[1]
    shown = "\n".join(each.text for each in last.snippets)
    assert "def price(item, count, currency):" in shown
    assert "price(item, 1, item.currency)" in shown
    assert project.path("orders").read_text(encoding="utf-8") == ORDERS


async def test_a_rename_reaches_what_is_imported_and_nothing_else(project: Project) -> None:
    """By alias, by module, through a package; a namesake, a local of that name and a key stay."""
    project.write(
        **{
            "shop/__init__": "from .prices import price\n",
            "shop/prices": PRICES,
            "one": "from shop import price as cost\n\nx = cost(a, 1)\n",
            "two": "import shop.prices\n\nx = shop.prices.price(a, 1)\n",
            "three": "from shop import prices\n\n\ndef f(price):\n    return prices.price(a, price)\n",
            "four": "def price(a):\n    return a\n\n\nx = price(1)\n",
            "five": "x = {'price': 1}\nprint(x['price'])\n",
        }
    )
    texts = await project.follow(project.renamed(project.open("shop/prices"), "price(", "cost_of"))
    assert texts["__init__"] == "from .prices import cost_of\n"
    assert texts["one"] == "from shop import cost_of as cost\n\nx = cost(a, 1)\n"
    assert texts["two"] == "import shop.prices\n\nx = shop.prices.cost_of(a, 1)\n"
    assert texts["three"].endswith("def f(price):\n    return prices.cost_of(a, price)\n")
    assert set(texts) == {"__init__", "prices", "one", "two", "three"}
    assert not any(hole.strength == 1 for each in project.model.requests for hole in each.holes)


async def test_words_follow_only_if_the_model_finds_them_likelier(project: Project) -> None:
    """A comment, a docstring; a key needs more. `__all__` says it for certain."""
    text = PRICES + "\n\n__all__ = ['price']\nx = {'price': 1}\n"
    project.write(prices=text)
    changed = project.renamed(project.open("prices"), "price(", "cost_of")
    assert "# the price of all" in (await project.follow(changed))["prices"]
    assert "__all__ = ['cost_of']" in (await project.follow(changed))["prices"]
    project.model.likely = {"cost_of of all": 0.99, "{'cost_of'": 0.99, "price": 0.05}
    found = (await project.follow(changed))["prices"]
    assert "# the cost_of of all" in found
    assert "x = {'price': 1}" in found
    project.model.likely = {"cost_of of all": 0.99, "{'cost_of'": 0.99, "price": 0.0001}
    assert "x = {'cost_of': 1}" in (await project.follow(changed))["prices"]


async def test_a_parameter_takes_its_uses_and_keywords_along(project: Project) -> None:
    """In the body, by name at calls, and in the docstring if that is likelier."""
    project.write(prices=PRICES, orders="from prices import price\n\nprice(a, count=1)\ncount = 2\n")
    project.model.likely = {"`number`": 0.9, "`count`": 0.05}
    texts = await project.follow(project.renamed(project.open("prices"), "count)", "number"))
    assert "def price(item, number):" in texts["prices"]
    assert "`number` of an item" in texts["prices"]
    assert "item.cost * number" in texts["prices"]
    assert texts["orders"] == "from prices import price\n\nprice(a, number=1)\ncount = 2\n"


METHODS = """\
class Cart:
    def __init__(self, owner):
        self.owner = owner

    def add(self, item):
        self.items.append(item)

    def twice(self, item):
        self.add(item)


class Big(Cart):
    def more(self):
        self.add(1)


class Other:
    def add(self, item):
        self.add(item)
"""


async def test_methods_follow_where_it_is_known_whose_they_are(project: Project) -> None:
    """By `self`, by what was made or declared of the class; the rest is left and said."""
    use = "from carts import Cart\n\n\ndef f(known: Cart, unknown):\n    known.add(1)\n    unknown.add(2)\n"
    made = "    made = Cart(3)\n    made.add(4)\n"
    project.write(carts=METHODS, use=use + made)
    together = await project.follower.follow(project.renamed(project.open("carts"), "add(", "put"))
    texts = project.texts(together)
    assert texts["carts"].count("put(") == 3
    assert "class Other:\n    def add(self, item):\n        self.add(item)\n" in texts["carts"]
    assert "known.put(1)\n    unknown.add(2)" in texts["use"]
    assert "made.put(4)" in texts["use"]
    assert [(left.document.path.stem, left.line) for left in together.left if left.document.path] == [
        ("use", 6)
    ]


async def test_a_constructor_is_fitted_where_its_class_is_called(project: Project) -> None:
    """In another file, by an argument that was not there."""
    project.write(carts=METHODS, use="from carts import Cart\n\nme = 1\nc = Cart(me)\n")
    project.model.writes = {"Cart(me,": " 3)"}
    texts = await project.follow(project.refitted(project.open("carts"), "__init__", "self, owner, size"))
    assert "def __init__(self, owner, size):" in texts["carts"]
    assert "c = Cart(me, 3)" in texts["use"]


async def test_a_constructor_is_fitted_where_it_is_defined_and_through_what_extends_it(
    project: Project,
) -> None:
    """By its class, `super()`, the class with the object, a class without a constructor of its own."""
    text = (
        "class A:\n    def __init__(self, x, y):\n        pass\n\n\n"
        "class B(A):\n    def __init__(self):\n        super().__init__(1, 2)\n\n\n"
        "class C(A):\n    pass\n\n\n"
        "class D(A):\n    def __init__(self):\n        A.__init__(self, 3, 4)\n\n\n"
        "class E(B):\n    def __init__(self):\n        super().__init__()\n\n\n"
        "A(5, 6)\nC(7, 8)\nB()\n"
    )
    project.write(a=text)
    texts = await project.follow(project.refitted(project.open("a"), "__init__", "self, y"))
    for call in ("super().__init__(2)", "A.__init__(self, 4)", "A(6)", "C(8)", "B()"):
        assert f" {call}\n" in texts["a"] or f"\n{call}\n" in texts["a"], call


async def test_a_default_that_is_gone_is_given_where_it_was_meant(project: Project) -> None:
    """Nothing is asked of the model, since every call did the same before."""
    project.write(a="def f(x, n=3):\n    return x\n\n\nf(1)\nf(1, 2)\nf(x=1)\nf(1, n=4)\n")
    texts = await project.follow(project.refitted(project.open("a"), "f(", "x, n"))
    assert texts["a"].endswith("\nf(1, 3)\nf(1, 2)\nf(x=1, n=3)\nf(1, n=4)\n")
    assert not project.model.requests


async def test_the_variable_of_the_parameters_name_is_given(project: Project) -> None:
    """Where a function around the call has one, and it is not given already; nobody asks the model."""
    text = (
        "def f(x):\n    return x\n\n\n"
        "def g(rate):\n    f(1)\n    f(rate)\n\n\n"
        "def h():\n    f(2)\n    rate = 1\n"
    )
    project.write(a=text)
    together = await project.follower.follow(project.refitted(project.open("a"), "f(", "x, rate"))
    texts = project.texts(together)
    assert "    f(1, rate)\n    f(rate)\n" in texts["a"]
    assert "    f(2)\n" in texts["a"]
    assert [left.line for left in together.left] == [7, 11]


async def test_what_the_model_is_not_sure_of_is_proposed_only(project: Project) -> None:
    """It is left alone, and with it goes what might stand there."""
    project.write(prices=PRICES)
    changed = project.refitted(project.open("prices"), "price(", "item, count, currency")
    project.model.writes, project.model.sure = {"price(item, 1,": " item.x)"}, LEAST_SURE - 0.01
    together = await project.follower.follow(changed)
    [left] = together.left
    assert left.proposed is not None
    assert (left.proposed.edit.text, left.why) == (", item.x", NOT_SURE.format("item.x"))
    project.model.sure = LEAST_SURE
    assert not (await project.follower.follow(changed)).left


async def test_what_overrides_a_method_is_renamed_with_it(project: Project) -> None:
    """And what it calls itself by; with other parameters its header is left, and said."""
    text = METHODS.replace(
        "    def more(self):", "    def add(self, item):\n        pass\n\n    def more(self):"
    )
    project.write(carts=text)
    texts = await project.follow(project.renamed(project.open("carts"), "add(", "put"))
    assert texts["carts"].count("put(") == 4
    changed = project.refitted(project.open("carts"), "add(", "self")
    [left] = (await project.follower.follow(changed)).left
    assert (left.why, left.line) == (
        OVERRIDDEN,
        text.count("\n", 0, text.rindex("def add(self, item):\n        pass")) + 1,
    )


async def test_objects_are_followed_into_attributes_and_out_of_calls(project: Project) -> None:
    """`self.x` that holds one, an object that is made and asked at once, a class method by its class."""
    use = (
        "from carts import Cart\n\n\nclass Shop:\n    def __init__(self, cart: Cart | None, more):\n"
        "        self.cart = cart\n        self.own = None\n        self.own = Cart(1)\n"
        "        self.more = more\n\n"
        "    def f(self):\n        self.cart.add(1)\n        self.own.add(2)\n        self.more.add(3)\n"
        "        Cart(4).add(4)\n        Cart.add(self.own, 5)\n"
    )
    project.write(carts=METHODS, use=use)
    texts = await project.follow(project.refitted(project.open("carts"), "add(", "self, *, item"))
    for call in (
        "cart.add(item=1)",
        "own.add(item=2)",
        "more.add(3)",
        "Cart(4).add(item=4)",
        "add(self.own, item=5)",
    ):
        assert f"{call}\n" in texts["use"], call


async def test_a_name_of_its_own_is_said_where_its_class_is_not_known(project: Project) -> None:
    """Nothing else is called so; a name of one word says nothing."""
    for name, said in (("add_item", 1), ("add", 0)):
        carts = f"class Cart:\n    def {name}(self, item):\n        pass\n"
        project.write(carts=carts, use=f"def f(cart):\n    cart.{name}(1)\n")
        together = await project.follower.follow(project.refitted(project.open("carts"), f"{name}(", "self"))
        assert len(together.left) == said
        project.documents.close(project.path("carts").as_uri())


async def test_what_is_not_known_there_is_not_written(project: Project) -> None:
    """A name nothing defines is avoided; if no other is found the call is left, and said."""
    project.write(prices=PRICES)
    document = project.open("prices")
    changed = project.refitted(document, "price(", "item, count, currency")
    project.model.writes = {"price(item, 1,": [" currency)", " item.currency)"]}
    assert "price(item, 1, item.currency)" in (await project.follow(changed))["prices"]
    project.model.writes = {"price(item, 1,": " currency)"}
    together = await project.follower.follow(changed)
    assert "price(item, 1)" in project.texts(together)["prices"]
    [left] = together.left
    assert (left.document, left.line) == (document, 8)
    project.model.writes, project.model.sure = {"price(item, 1,": " item.x)"}, 0.1
    assert len((await project.follower.follow(changed)).left) == 1


async def test_what_the_user_changed_has_the_same_consequences(project: Project) -> None:
    """Typed into the header; asked for anywhere on its lines. Elsewhere nothing was changed."""
    project.write(prices=PRICES, orders=ORDERS)
    document = project.edit(project.open("prices"), "item, count)", "item, count, currency)")
    project.model.writes = {"price(item, 1,": " item.x)", "price(item, 2,": " money)"}
    changed = project.follower.typed(document, 5)
    assert changed is not None
    assert await project.follower.places(changed) == 2
    texts = await project.follow(changed)
    assert "price(item, 1, item.x)" in texts["prices"]
    assert "price(item, 2, money)" in texts["orders"]
    assert project.follower.typed(document, len(document.text) - 1) is None


async def test_a_rename_that_was_typed_is_carried_on(project: Project) -> None:
    """Of a function letter by letter, and of a class."""
    project.write(prices=PRICES, orders=ORDERS)
    document = project.open("prices")
    for before, after in (("def price", "def c"), ("def c(", "def co("), ("def co(", "def cost(")):
        document = project.edit(document, before, after)
    changed = project.follower.typed(document, 6)
    assert changed is not None
    assert (changed.old, changed.new) == ("price", "cost")
    texts = await project.follow(changed)
    assert "sum(cost(item, 1)" in texts["prices"]
    assert texts["orders"] == ORDERS.replace("price", "cost").replace("from costs", "from prices")


async def test_all_is_refused_if_a_place_was_touched_meanwhile(project: Project) -> None:
    """In an open document or on disk; what was changed elsewhere only moves the edits."""
    project.write(prices=PRICES, orders=ORDERS)
    document, orders = project.open("prices"), project.open("orders")
    changed = project.refitted(document, "price(", "item, count, currency")
    project.model.writes = {"price(item, 1,": " item.x)", "price(item, 2,": " money)"}

    def once(edit: Edit) -> None:
        project.model.during = lambda: None
        project.documents.change(orders.key, [edit], 2)

    project.model.during = lambda: once(Edit(Span(0, 0), "# new\n"))
    together = await project.follower.follow(changed)
    assert [each.document.version for each in together.edited] == [1, 2]
    assert project.texts(together)["orders"].startswith("# new\n")
    current = project.documents.get(orders.key)
    assert current is not None
    inside = current.text.index("price(item")
    project.model.during = lambda: once(Edit(Span(inside, inside + 5), "cost"))
    renamed = project.renamed(document, "price(", "cost_of")
    assert (await project.follower.follow(renamed)).silence is Silence.STALE


async def test_a_file_that_changed_on_disk_is_refused(project: Project) -> None:
    """It is not open, so nobody but the disk can tell."""
    project.write(prices=PRICES, orders=ORDERS)
    changed = project.refitted(project.open("prices"), "price(", "item, count, currency")
    project.model.writes = {"price(item, 1,": " item.x)", "price(item, 2,": " money)"}
    path = project.path("orders")
    project.model.during = lambda: (path.write_text(ORDERS + "# more\n", encoding="utf-8"), None)[1]
    together = await project.follower.follow(changed)
    assert (together.silence, together.edited) == (Silence.STALE, ())


async def test_without_a_model_names_still_follow(project: Project) -> None:
    """What syntax says needs none; an argument does."""
    project.write(prices=PRICES, orders=ORDERS)
    project.model.error = EngineUnavailable("it is gone")
    document = project.open("prices")
    texts = await project.follow(project.renamed(document, "price(", "cost_of"))
    assert "cost_of(item, 2)" in texts["orders"]
    with pytest.raises(EngineUnavailable):
        await project.follow(project.refitted(document, "price(", "item, count, currency"))


async def test_a_name_that_is_taken_is_left(project: Project) -> None:
    """Where the new one means something else already."""
    project.write(prices=PRICES, orders="from prices import price\n\ncost = 1\nprice(cost, 2)\n")
    together = await project.follower.follow(project.renamed(project.open("prices"), "price(", "cost"))
    assert set(project.texts(together)) == {"prices"}
    assert {left.line for left in together.left} == {1, 4}


async def test_secrets_are_not_shown(project: Project) -> None:
    """A file that is not open and holds what looks like a key stays unsent; names follow there."""
    key = 'password = "abcdefghijklmnop"\n'
    project.write(prices=PRICES, orders=ORDERS + key)
    document = project.open("prices")
    project.model.writes = {"price(item, 1,": " item.x)", "price(item, 2,": " money)"}
    together = await project.follower.follow(project.refitted(document, "price(", "item, count, currency"))
    assert set(project.texts(together)) == {"prices"}
    assert not any("abcdefghijklmnop" in str(each) for each in project.model.requests)
    renamed = await project.follow(project.renamed(document, "price(", "cost_of"))
    assert "cost_of(item, 2)" in renamed["orders"]
    assert not any("abcdefghijklmnop" in str(each) for each in project.model.requests)


async def test_typescript_follows_imports_too(project: Project) -> None:
    """Relative ones, shorthand keys, and `import * as`."""
    project.write(
        **{
            "shapes.ts": "export function area(width: number, height: number) {\n  return width;\n}\n",
            "use.ts": "import { area } from './shapes';\nconst x = { area };\nconsole.log(area(1, 2));\n",
            "all.ts": "import * as shapes from './shapes';\nshapes.area(1, 2);\n",
        }
    )
    texts = await project.follow(project.renamed(project.open("shapes.ts"), "area(", "surface"))
    assert "import { surface }" in texts["use"]
    assert "{ area: surface }" in texts["use"]
    assert "shapes.surface(1, 2)" in texts["all"]
    changed = project.refitted(project.open("shapes.ts"), "area(", "height: number, width: number")
    texts = await project.follow(changed)
    assert "area(2, 1)" in texts["use"]
