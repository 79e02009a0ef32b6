"""Where Numba is not built for, its tests cannot be imported."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("numba") else ["test_code.py", "test_parts.py", "test_team.py"]
