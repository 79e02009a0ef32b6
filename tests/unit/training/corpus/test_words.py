import re
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.training.corpus.words import hashes, rows

WORD = re.compile(r"\w+")


@given(st.lists(st.sampled_from("abc"), max_size=20), st.integers(1, 6))
def test_rows_stand_for_words(words: list[str], length: int) -> None:
    """Two rows have one number just if they are the same words."""
    found = rows(hashes(" ".join(words), WORD), length)
    expected = [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]
    assert len(found) == len(expected)
    assert len(np.unique(found)) == len(set(expected))


def test_the_same_in_every_run() -> None:
    """Numbers follow from the words' bytes, not from Python's own seed for strings."""
    assert hashes("def f", WORD).tolist() == [zlib.crc32(b"def"), zlib.crc32(b"f")]
