"""JSON to lsprotocol's types, without guessing.

cattrs turns whatever it meets into the wanted type: a text of null becomes
``"None"``, a line of ``"3"`` or true becomes a number. A server that edits files
must not: what does not fit is an error here.
"""

from __future__ import annotations

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
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(bool, _flag)
    converter = converters.get_converter(converter)
    converter.register_structure_hook(JsonRPCRequestMessage, _params_field_structure_hook)
    converter.register_structure_hook(JsonRPCNotification, _params_field_structure_hook)
    converter.register_structure_hook(JsonRPCResponseMessage, _result_field_structure_hook)
    return converter


def _text(value: object, kind: type[str]) -> str:
    """A string, or the member of an enumeration of strings."""
    if not isinstance(value, str):
        raise TypeError("expected a string")
    return kind(value)


def _integer(value: object, kind: type[int]) -> int:
    """An integer, or the member of an enumeration of them. Some clients write 3 as 3.0."""
    if isinstance(value, float) and value.is_integer():
        return kind(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("expected an integer")
    return kind(value)


def _number(value: object, _: type) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise TypeError("expected a number")


def _flag(value: object, _: type) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError("expected a boolean")
