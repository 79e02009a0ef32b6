"""Whether there is power to spare for work that nobody has asked for yet."""

from __future__ import annotations

import psutil


def on_mains() -> bool:
    """Whether the machine has no battery, or one that is not being used; True where that cannot be told."""
    look = getattr(psutil, "sensors_battery", None)  # not on every system
    try:
        battery = look() if look else None
    except (OSError, psutil.Error):
        return True
    return battery is None or battery.power_plugged is not False
