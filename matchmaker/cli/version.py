"""`matchmaker --version`, which must be quick."""

from importlib.metadata import PackageNotFoundError

import matchmaker
from matchmaker.cli.terminal import write


def print_version() -> int:
    """Print the version, and return the exit status."""
    try:
        version = matchmaker.__version__
    except PackageNotFoundError:
        version = "(not installed)"
    write(f"matchmaker {version}\n")
    return 0
