"""What is exchanged by mistake: operators, truth values, numbers, names, arguments.

These are the slips that mutation testing makes (Jia and Harman, 2011) and that are common in reviewed code: a
wrong operator, variable or order of arguments (Pradel and Sen, DeepBugs, arXiv 1805.11683), or off by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class SiteKind(StrEnum):
    """What stands at a site."""

    COMPARISON = "comparison"
    LOGIC = "logic"
    ARITHMETIC = "arithmetic"
    TRUTH = "truth"
    NUMBER = "number"
    NAME = "name"
    ARGUMENTS = "arguments"


OPERATORS: Mapping[str, tuple[SiteKind, tuple[str, ...]]] = {
    "==": (SiteKind.COMPARISON, ("!=",)),
    "!=": (SiteKind.COMPARISON, ("==",)),
    "===": (SiteKind.COMPARISON, ("!==",)),
    "!==": (SiteKind.COMPARISON, ("===",)),
    "<": (SiteKind.COMPARISON, ("<=", ">", ">=")),
    "<=": (SiteKind.COMPARISON, ("<", ">=", ">")),
    ">": (SiteKind.COMPARISON, (">=", "<", "<=")),
    ">=": (SiteKind.COMPARISON, (">", "<=", "<")),
    "is": (SiteKind.COMPARISON, ("is not",)),
    "is not": (SiteKind.COMPARISON, ("is",)),
    "in": (SiteKind.COMPARISON, ("not in",)),
    "not in": (SiteKind.COMPARISON, ("in",)),
    "and": (SiteKind.LOGIC, ("or",)),
    "or": (SiteKind.LOGIC, ("and",)),
    "&&": (SiteKind.LOGIC, ("||",)),
    "||": (SiteKind.LOGIC, ("&&",)),
    "+": (SiteKind.ARITHMETIC, ("-",)),
    "-": (SiteKind.ARITHMETIC, ("+",)),
    "*": (SiteKind.ARITHMETIC, ("/",)),
    "/": (SiteKind.ARITHMETIC, ("*",)),
    "+=": (SiteKind.ARITHMETIC, ("-=",)),
    "-=": (SiteKind.ARITHMETIC, ("+=",)),
}
"""What may stand for an operator, and what the operator is."""
OPERATIONS = (
    *("binary", "comparison", "boolean", "augmented", "infix", "additive", "multiplicative", "equality"),
    *("conjunction", "disjunction", "compound_assignment", "assignment_expression"),
)
"""Parts of the types of nodes in which an operator stands between two operands."""
TRUTHS = {"True": "False", "False": "True", "true": "false", "false": "true"}
INTEGERS = frozenset(
    {
        *("integer", "number", "number_literal", "int_literal", "integer_literal"),
        "decimal_integer_literal",
    }
)
"""Types of nodes that are whole numbers."""
