"""Passes of several fills carried out as one."""
