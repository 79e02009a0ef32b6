"""The ids of our commands. An item or action of ours may only name one of these."""

from __future__ import annotations

ACCEPTED = "remask.didAcceptCompletionItem"
REWRITE = "remask.rewrite"
FILL_BODY = "remask.fillBody"
FILL_HOLES = "remask.fillHoles"
TAKE_NOW = "remask.takeNow"
SNOOZE = "remask.snooze"
STATUS = "remask.status"
RESTART_ENGINE = "remask.restartEngine"
TAKE = "remask.takeAlternative"
DISMISS_NEXT_EDIT = "remask.dismissNextEdit"
SUSPECT = "remask.suspect"
DISMISS = "remask.dismissSuspicion"
CHANGE = "remask.changeWithConsequences"
FILL_TOGETHER = "remask.fillHolesTogether"

OF_ACTION = {"rewrite": REWRITE, "fill-body": FILL_BODY, "fill-holes": FILL_HOLES}
"""The command that carries out an action at once."""
