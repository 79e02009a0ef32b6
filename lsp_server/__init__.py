"""Remask: local code completion and rewriting by a masked-diffusion language model."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("remask")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
