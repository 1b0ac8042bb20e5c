"""The version of the package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def package_version() -> str:
    """The installed version of boundcheck."""
    try:
        return version("boundcheck")
    except PackageNotFoundError:
        return "unknown"
