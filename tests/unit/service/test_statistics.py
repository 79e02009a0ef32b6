from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.core.types import Silence
from lsp_server.service import statistics
from lsp_server.service.statistics import DAYS_KEPT, Day, Statistics
from lsp_server.service.tally import Fate, Tally

TODAY = date(2026, 1, 2)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REMASK_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def _before(days: int) -> date:
    return TODAY - timedelta(days)


def counting(tally: Tally, *, wanted: bool = True, today: Callable[[], date] = lambda: TODAY) -> Statistics:
    return Statistics(tally, lambda: wanted, today)


def test_only_what_is_new_is_added() -> None:
    """Saving twice counts once, and a suggestion taken later moves from shown to accepted."""
    tally = Tally()
    kept = counting(tally)
    tally.fates[Fate.SHOWN] += 2
    tally.silences[Silence.SNOOZED] += 1
    kept.save()
    kept.save()
    assert statistics.read() == {TODAY: Day({"shown": 2}, {"snoozed": 1})}
    tally.fates[Fate.SHOWN] -= 1
    tally.fates[Fate.ACCEPTED] += 1
    kept.save()
    assert statistics.read() == {TODAY: Day({"accepted": 1, "shown": 1}, {"snoozed": 1})}


def test_editors_add_to_the_same_counts() -> None:
    """Two servers, and the same one on another day, lose nothing of each other."""
    for _ in range(2):
        tally = Tally()
        tally.fates[Fate.ACCEPTED] += 1
        counting(tally).save()
    tally = Tally()
    tally.fates[Fate.DISMISSED] += 1
    counting(tally, today=lambda: TODAY - timedelta(1)).save()
    assert list(statistics.read().items()) == [
        (TODAY - timedelta(1), Day({"dismissed": 1})),
        (TODAY, Day({"accepted": 2})),
    ]


def test_nothing_is_kept_of_who_does_not_want_it(folder: Path) -> None:
    """Turned off, no file is made, and what was counted meanwhile is not added when it is turned on."""
    tally = Tally()
    wanted: list[bool] = []
    kept = Statistics(tally, lambda: bool(wanted), lambda: TODAY)
    tally.fates[Fate.SHOWN] += 1
    kept.save()
    assert not folder.exists()
    wanted.append(True)
    tally.fates[Fate.ACCEPTED] += 1
    kept.save()
    assert statistics.read() == {TODAY: Day({"accepted": 1})}


def test_a_year_is_kept() -> None:
    """Old days go, the newest stay."""
    for back in range(DAYS_KEPT + 3, -1, -1):
        tally = Tally()
        tally.fates[Fate.SHOWN] += 1
        counting(tally, today=partial(_before, back)).save()
    days = list(statistics.read())
    assert (len(days), days[-1]) == (DAYS_KEPT, TODAY)


def test_a_broken_file_is_not_written_over(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be read stays as it is, with a word what to do; nothing fails."""
    folder.mkdir()
    statistics.path().write_text("{broken")
    tally = Tally()
    tally.fates[Fate.SHOWN] += 1
    counting(tally).save()
    assert statistics.path().read_text() == "{broken"
    assert "--delete" in caplog.text
    with pytest.raises(BadInput, match="cannot be read"):
        statistics.read()


def test_deleting() -> None:
    """They are gone, and it is told whether there were any."""
    assert statistics.delete() is False
    tally = Tally()
    tally.fates[Fate.SHOWN] += 1
    counting(tally).save()
    assert statistics.delete() is True
    assert statistics.read() == {}
