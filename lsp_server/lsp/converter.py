"""JSON to lsprotocol's types, without guessing.

cattrs turns whatever it meets into the wanted type: a text of null becomes
``"None"``, a line of ``"3"`` or true becomes a number. A server that edits files
must not: what does not fit is an error here.
"""

from __future__ import annotations

from functools import partial
from operator import is_

import cattrs
from lsprotocol import converters
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    _params_field_structure_hook,
    _result_field_structure_hook,
)


def strict_converter() -> cattrs.Converter:
    """Make the converter of pygls, refusing what is not of the type the specification names."""
    converter = cattrs.Converter()
    for kind, check in ((str, _text), (int, _integer), (float, _number), (bool, _flag)):
        # For exactly this type: enumerations are subclasses of it, with checks of their own.
        converter.register_structure_hook_func(partial(is_, kind), check)
    converter = converters.get_converter(converter)
    converter.register_structure_hook(JsonRPCRequestMessage, _params_field_structure_hook)
    converter.register_structure_hook(JsonRPCNotification, _params_field_structure_hook)
    converter.register_structure_hook(JsonRPCResponseMessage, _result_field_structure_hook)
    return converter


def _text(value: object, _: type) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("expected a string")


def _integer(value: object, _: type) -> int:
    """JSON knows no integers: 3.0 is one, and some clients write it so."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError("expected an integer")


def _number(value: object, _: type) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise TypeError("expected a number")


def _flag(value: object, _: type) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError("expected a boolean")
