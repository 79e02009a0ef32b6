"""Choosing tokens, from scores of all tokens or of some."""

from __future__ import annotations

import pytest
import torch

from lsp_server.engine.runtime.denoise.choice import Chooser
from lsp_server.engine.runtime.families.fim import FimFamily

ROWS = 6


def choosers(family: FimFamily, ids: torch.Tensor, temperature: float) -> tuple[Chooser, Chooser]:
    """One for all tokens, one for `ids`."""
    whole, part = (
        Chooser(family.vocabulary, family.never, temperature=temperature, seed=3, ids=each)
        for each in (None, ids)
    )
    return whole, part


@pytest.fixture
def ids(family: FimFamily) -> torch.Tensor:
    """All tokens but some."""
    return torch.tensor([token for token in range(family.vocabulary.size) if token % 5 or token < 130])


@pytest.fixture
def logits(family: FimFamily, ids: torch.Tensor) -> torch.Tensor:
    """Scores of all tokens; those outside `ids` are hopeless."""
    scores = 4 * torch.randn((ROWS, family.vocabulary.size), generator=torch.Generator().manual_seed(5))
    outside = torch.ones(family.vocabulary.size, dtype=torch.bool)
    outside[ids] = False
    scores[:, outside] = -50
    return scores


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_columns_of_some_tokens_give_the_same_choices(
    family: FimFamily, ids: torch.Tensor, logits: torch.Tensor, temperature: float
) -> None:
    """Scores of `ids` alone lead to the same tokens, probabilities, entropies and alternatives."""
    whole, part = choosers(family, ids, temperature)
    for typed in (b"", b"p"):
        ours = part.choose_in_order(logits[:, ids], typed, 2)
        theirs = whole.choose_in_order(logits.clone(), typed, 2)
        assert [each.token for each in ours] == [each.token for each in theirs]
        assert [each.confidence for each in ours] == pytest.approx(
            [each.confidence for each in theirs], abs=1e-5
        )
        weighed = [chooser.weighed(each[-1], row[-1]).others for chooser, each, row in (
            (part, ours, logits[:, ids]), (whole, theirs, logits.clone()),
        )]  # fmt: skip
        assert [token for token, _ in weighed[0]] == [token for token, _ in weighed[1]]
    ours = part.choose(logits[:, ids], 0, with_entropy=True)
    theirs = whole.choose(logits.clone(), 0, with_entropy=True)
    assert [each.entropy for each in ours] == pytest.approx([each.entropy for each in theirs], abs=1e-4)
    assert len({each.token for each in ours}) > 1


def test_a_token_without_a_column_is_never_chosen(family: FimFamily, logits: torch.Tensor) -> None:
    """What goes on with the typed characters is looked for among the columns there are."""
    vocabulary = family.vocabulary
    whole = next(token for token in range(vocabulary.size) if len(vocabulary.bytes_of(token)) > 1)
    typed = vocabulary.bytes_of(whole)
    ids = torch.tensor([token for token in range(vocabulary.size) if token != whole])
    chooser = Chooser(vocabulary, family.never, temperature=0, seed=0, ids=ids)
    choice = chooser.choose_fitting(logits[0, ids], typed, 0)
    assert choice.token != whole
    assert typed.startswith(vocabulary.bytes_of(choice.token))
    assert 0 < choice.confidence <= 1


@pytest.mark.parametrize("some", [False, True])
def test_an_excluded_token_gives_way_at_its_place_only(
    family: FimFamily, ids: torch.Tensor, logits: torch.Tensor, *, some: bool
) -> None:
    """There the next likeliest is chosen, as sure as it is among those that are left."""
    given = logits[:, ids] if some else logits
    chooser = Chooser(family.vocabulary, family.never, temperature=0, seed=3, ids=ids if some else None)
    first = [choice.token for choice in chooser.choose(given.clone(), 10)]
    chooser.exclude({12: [first[2]], 99: [1]})
    again = chooser.choose(given.clone(), 10)
    row = logits[2].clone()
    row[[first[2], *family.never]] = -torch.inf
    assert [choice.token for choice in again] == [*first[:2], int(row.argmax()), *first[3:]]
    assert again[2].confidence == pytest.approx(float(row.softmax(-1).max()), abs=1e-4)
    chooser.exclude({})
    assert [choice.token for choice in chooser.choose(given.clone(), 10)] == first
