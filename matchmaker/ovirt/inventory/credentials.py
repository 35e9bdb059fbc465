"""Who asks oVirt's engine: a user name and a password, which is shown nowhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.documents import file_name

USERNAME_VARIABLE = "MATCHMAKER_OVIRT_USERNAME"
PASSWORD_VARIABLE = "MATCHMAKER_OVIRT_PASSWORD"  # noqa: S105 - the name of a variable

_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user of oVirt's engine.

    Parameters
    ----------
    username : str
        The name with the domain or profile, such as `admin@internal`.
    password : str
        The password; the repr does not show it.

    Raises
    ------
    InventoryError
        If one is empty or has characters that do not print, or the name has a `:`, which HTTP's basic authentication cannot send.
    """

    username: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        for what, text in (("user name", self.username), ("password", self.password)):
            if not text or not text.isprintable():
                raise InventoryError(f"the {what} for oVirt's engine is empty, or holds characters that do not print")
        if ":" in self.username:
            raise InventoryError("the user name for oVirt's engine has a `:`; it is written as `admin@internal`")


def read_credentials(path: Path | None = None, *, environment: Mapping[str, str] = os.environ) -> Credentials:
    """Return the credentials that a file or the environment holds.

    Parameters
    ----------
    path : Path, optional
        A file with the lines `username=...` and `password=...`, in UTF-8, which only its owner may read. White space around
        names and values does not count, nor do empty lines and lines that begin with `#`.
    environment : mapping of str to str
        Where MATCHMAKER_OVIRT_USERNAME and MATCHMAKER_OVIRT_PASSWORD are looked up when there is no file.

    Raises
    ------
    InventoryError
        If they are not there, or somebody else may read the file.
    """
    if path is not None:
        return _of_file(path)
    username, password = environment.get(USERNAME_VARIABLE, ""), environment.get(PASSWORD_VARIABLE, "")
    if not username or not password:
        raise InventoryError(
            f"there are no credentials for oVirt's engine: set {USERNAME_VARIABLE} and {PASSWORD_VARIABLE}, or name a file"
        )
    return Credentials(username, password)


def _of_file(path: Path) -> Credentials:
    name = file_name(path)
    found: dict[str, str] = {}
    for number, line in enumerate(_private_text(path, name).split("\n"), 1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if (not key and not equals) or key.startswith("#"):
            continue
        if not equals or key not in ("username", "password") or key in found:
            raise InventoryError(f"{name}, line {number}: expected `username=...` and `password=...`, once each")
        found[key] = value
    if len(found) < 2:
        raise InventoryError(f"{name}: expected the lines `username=...` and `password=...`")
    return Credentials(**found)


def _private_text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise InventoryError(
                    f"{name} holds a password, and others than its owner may open it: run chmod 600 on it"
                )
            return file.read(_LARGEST).decode()
    except UnicodeDecodeError:
        raise InventoryError(f"{name} is not in UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "there can be no such file"
        raise InventoryError(f"cannot read {name}: {reason}") from None
