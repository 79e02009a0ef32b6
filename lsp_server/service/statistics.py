"""Whether suggestions are of use, day by day: counts in a file of the user's, which nothing ever sends.

The file holds numbers only: no text, no names, no paths. `remask stats` prints and deletes it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from lsp_server.core.errors import BadInput
from lsp_server.core.paths import data_dir
from lsp_server.service.tally import Tally

DAYS_KEPT = 366
_LOCK_S = 1.0
"""How long to wait for another editor that saves; what is not saved now is saved with the next."""

_log = logging.getLogger(__name__)


class Day(msgspec.Struct, frozen=True):
    """Suggestions by what became of them (`Fate`), and questions without one by the reason (`Silence`)."""

    suggestions: dict[str, int] = {}
    silences: dict[str, int] = {}

    def __add__(self, other: Day) -> Day:
        """Both together; what came to nothing is left out."""
        return Day(
            _summed(self.suggestions, other.suggestions),
            _summed(self.silences, other.silences),
        )


class Statistics:
    """Saves what a tally counted since it was last saved."""

    def __init__(
        self, tally: Tally, wanted: Callable[[], bool], today: Callable[[], date] = date.today
    ) -> None:
        self._tally = tally
        self._wanted = wanted
        self._today = today
        self._saved = Day()

    def save(self) -> None:
        """Add what is new to the file, beside what other editors wrote; a failure is only logged."""
        now = Day(
            {fate.value: count for fate, count in self._tally.fates.items()},
            {silence.value: count for silence, count in self._tally.silences.items()},
        )
        if now == self._saved:
            return
        if self._wanted():
            try:
                _add(self._today(), now + _negative(self._saved))
            except (OSError, Timeout, BadInput) as problem:
                _log.warning("statistics could not be saved: %s", problem)
                return
        self._saved = now


def path() -> Path:
    """Where the counts lie."""
    return data_dir() / "statistics.json"


def read() -> dict[date, Day]:
    """The counts of each day, oldest first.

    Raises:
        BadInput: the file is not what was written here.
    """
    try:
        days = msgspec.json.decode(path().read_bytes(), type=dict[date, Day])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as problem:
        raise BadInput(
            f"{path()} cannot be read: {problem}", hint="`remask stats --delete` begins anew."
        ) from problem
    return dict(sorted(days.items()))


def delete() -> bool:
    """Delete the counts; False if there were none."""
    with _locked():
        existed = path().exists()
        path().unlink(missing_ok=True)
    return existed


def _add(day: date, counts: Day) -> None:
    with _locked():
        days = read()
        days[day] = days.get(day, Day()) + counts
        kept = dict(sorted(days.items())[-DAYS_KEPT:])
        partial = path().with_suffix(".partial")
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
        partial.replace(path())


def _locked() -> FileLock:
    data_dir().mkdir(parents=True, exist_ok=True)
    return FileLock(path().with_suffix(".lock"), timeout=_LOCK_S)


def _summed(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    both: Counter[str] = Counter(one)
    both.update(other)
    return {name: count for name, count in sorted(both.items()) if count}


def _negative(day: Day) -> Day:
    return Day(
        {name: -count for name, count in day.suggestions.items()},
        {name: -count for name, count in day.silences.items()},
    )
