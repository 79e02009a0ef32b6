"""Text and tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.core.errors import ModelCorrupt
from lsp_server.engine.runtime.vocabulary import Vocabulary

shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@shared
@given(st.text())
def test_text_survives_the_round_trip(vocabulary: Vocabulary, text: str) -> None:
    """Decoding what was encoded gives the text, whatever characters it has."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    assert vocabulary.decode(vocabulary.encode(text)) == whole


@shared
@given(st.text(), st.integers(0, 9))
def test_a_part_decodes_to_a_beginning(vocabulary: Vocabulary, text: str, cut: int) -> None:
    """The first tokens of a text decode to a beginning of it: no half characters appear."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    tokens = vocabulary.encode(text)
    assert whole.startswith(vocabulary.decode(tokens[: len(tokens) - cut]))


@shared
@given(st.sampled_from([b"ret", b" mat", b"\n    ", "é".encode(), b"x", b"self.n"]))
def test_fitting_tokens_go_on_with_what_is_typed(vocabulary: Vocabulary, typed: bytes) -> None:
    """Exactly the tokens that begin with the typed bytes or with which the typed bytes begin."""
    expected = {
        token
        for token in range(vocabulary.size)
        if (piece := vocabulary.bytes_of(token)) and (piece.startswith(typed) or typed.startswith(piece))
    }
    assert {vocabulary.bytes_of(token) for token in vocabulary.fitting(typed)} == {
        vocabulary.bytes_of(token) for token in expected
    }


def test_special_tokens_in_source_stay_text(vocabulary: Vocabulary) -> None:
    """A file that spells a special token cannot smuggle it into the prompt."""
    tokens = vocabulary.encode("<|fim_middle|>")
    assert vocabulary.special_id("<|fim_middle|>") not in tokens
    assert vocabulary.decode(tokens) == "<|fim_middle|>"


def test_special_tokens_have_no_text(vocabulary: Vocabulary) -> None:
    """They decode to nothing and can never fit typed characters."""
    end = vocabulary.special_id("<|endoftext|>")
    assert vocabulary.decode([end]) == ""
    assert end in vocabulary.textless
    assert end not in vocabulary.fitting(b"<")


def test_a_broken_file_is_named(tmp_path: Path, vocabulary: Vocabulary) -> None:
    """Neither a wrong file nor a missing token ends in the library's own error."""
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(ModelCorrupt, match=r"tokenizer\.json"):
        Vocabulary.from_file(path)
    with pytest.raises(ModelCorrupt, match="no_such"):
        vocabulary.special_id("<|no_such|>")
