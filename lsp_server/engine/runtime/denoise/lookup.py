"""Drafts by look-up: what followed the same tokens earlier in the context. Costs no pass.

Prompt look-up decoding copies what followed the last match of a fixed length. Here every
token is predicted from the longest match there is, as in PPM (Cleary and Witten, 1984), with
a probability, so that a draft can be weighed against another and ends where it is not worth verifying.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

LONGEST = 5
"""Tokens of a match; of longer ones only the longest counts, for it is what is being copied."""
RECENT = 8
"""Occurrences of a match that are looked at, the latest."""
_RIGHT = (
    (0.32, 0.47, 0.54, 0.68),
    (0.46, 0.69, 0.78, 0.79),
    (0.53, 0.80, 0.90, 0.88),
    (0.61, 0.85, 0.97, 0.96),
    (0.71, 0.89, 0.95, 0.95),
)
"""How often the token behind the latest occurrence is right, by the match's length and its number of
occurrences (1, 2, 3, more) if all agree; measured on 300 holes of packages not looked into
otherwise (docs/LOG.md)."""
_COPIED = ((20, 0.98), (12, 0.97), (8, 0.93), (6, 0.88), (5, 0.8))
"""The same for one occurrence that matches so many tokens; measured on 250 rewrites and 150 fills."""
_FAR = _COPIED[0][0]


class Lookup:
    """An index of a text that grows: where each token stood."""

    def __init__(self, tokens: Iterable[int]) -> None:
        self._tokens: list[int] = []
        self._behind: defaultdict[int, list[int]] = defaultdict(list)
        self.extend(tokens)

    def extend(self, tokens: Iterable[int]) -> None:
        """Take in what follows."""
        for token in tokens:
            if self._tokens:
                self._behind[self._tokens[-1]].append(len(self._tokens))
            self._tokens.append(token)

    def following(self, drafted: Sequence[int] = ()) -> dict[int, float]:
        """The tokens that may stand behind the text and `drafted`, each with its probability.

        Of equally likely ones the one that stood there latest comes first.
        """
        tail = [*self._tokens[-_FAR:], *drafted][-_FAR:]
        if not tail:
            return {}
        found = [(self._alike(place, tail), place) for place in self._behind.get(tail[-1], ())]
        longest = min(max(found, default=(0, 0))[0], LONGEST)
        seen = [each for each in found if each[0] >= longest][-RECENT:]
        if longest == LONGEST:
            return dict([self._copied(seen)])
        shares: dict[int, float] = {}
        for _, place in reversed(seen):
            token = self._tokens[place]
            shares[token] = shares.get(token, 0.0) + _right(longest, len(seen)) / len(seen)
        return shares

    def _copied(self, seen: Sequence[tuple[int, int]]) -> tuple[int, float]:
        """The token behind the longest of these matches, the latest of equals, and its probability."""
        length, place = max(seen)
        token = self._tokens[place]
        agreeing = sum(self._tokens[other] == token for _, other in seen) / len(seen)
        sure = next(share for least, share in _COPIED if length >= least)
        if length < 2 * LONGEST and agreeing < 1:
            sure = _right(LONGEST, len(seen)) * agreeing
        return token, sure

    def _alike(self, place: int, tail: Sequence[int]) -> int:
        """How many tokens before `place` are those that `tail` ends with."""
        length, most = 0, min(len(tail), place)
        while length < most and self._tokens[place - 1 - length] == tail[-1 - length]:
            length += 1
        return length


def _right(length: int, occurrences: int) -> float:
    row = _RIGHT[length - 1]
    return row[min(occurrences, len(row)) - 1]
