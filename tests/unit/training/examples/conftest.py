"""A toy tokenizer with the names of the default family, and some files to cut holes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from lsp_server.engine.runtime.families.fim import FimFamily
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.training.examples.page import Page

SPECIAL = (
    *("endoftext", "im_start", "im_end", "fim_prefix", "fim_middle", "fim_suffix"),
    *("fim_pad", "repo_name", "file_sep"),
)

PYTHON = '''"""Shapes."""

import math
from shapes.base import Shape, scaled


class Circle(Shape):
    """A circle around a point."""

    def __init__(self, radius):
        self.radius = radius

    def area(self, factor=1):
        """Its area.

        In square units.
        """
        # nothing is smaller
        if self.radius < 0 and not factor:
            return scaled(0, factor)
        for step in range(3):
            factor += step
            print(step)
        return math.pi * self.radius ** 2 * factor
'''
BASE = '''class Shape:
    """What all shapes are."""

    def area(self):
        return 0


def scaled(value, factor):
    """`value` times `factor`."""
    return value * factor
'''
TYPESCRIPT = """// Adds up.
export function total(items: number[], start = 0): number {
  let sum = start;
  for (const item of items) {
    if (item > 0 && sum < 100) {
      sum += Math.round(item);
    }
  }
  return sum;
}
"""
GO = """package shapes

// Area is in square units.
func Area(radius float64, factor int) float64 {
	if radius < 0 && factor == 0 {
		log.Print(radius)
		return zero(factor)
	}
	return radius * radius
}
"""
PLAIN = "Some words\nin a few lines,\n\nand more.\n"
TEXTS = {"python": PYTHON, "typescript": TYPESCRIPT, "go": GO, "plaintext": PLAIN}


@dataclass(frozen=True)
class File:
    """One file of a corpus."""

    text: str
    language: str = "python"
    path: str = "shapes/circle.py"
    package: str = "shapes"


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """A byte-level BPE with Qwen's special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=[f"<|{name}|>" for name in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS.values(), trainer)
    return Vocabulary(tokenizer)


@pytest.fixture(scope="session")
def family(vocabulary: Vocabulary) -> FimFamily:
    """The default family over the toy tokenizer."""
    return FimFamily.of(vocabulary)


@pytest.fixture(scope="session")
def files() -> tuple[File, ...]:
    """A package of files that import each other."""
    return (
        File(PYTHON),
        File(BASE, path="shapes/base.py"),
        File(TYPESCRIPT, "typescript", "src/total.ts", "totals"),
        File(GO, "go", "area.go", "area"),
    )


@pytest.fixture(scope="session")
def page_of() -> Callable[..., Page]:
    """Opens a text, or the sample text of a language."""

    def open_page(language: str = "python", text: str | None = None) -> Page:
        return Page(File(TEXTS[language] if text is None else text, language))

    return open_page
