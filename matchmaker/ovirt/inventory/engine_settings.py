"""Where oVirt's engine is, and whom to trust there."""

from __future__ import annotations

import ipaddress
import math
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.documents import file_name

EXAMPLE = "https://engine.example.org/ovirt-engine/api"


def checked_url(url: str) -> str:
    """Return the address of the API, without a `/` at its end.

    Parameters
    ----------
    url : str
        Such as `https://engine.example.org/ovirt-engine/api`.

    Raises
    ------
    InventoryError
        If it is no such address, holds credentials, or would send them to another machine without encryption.
    """
    wanted = f"the url of oVirt's engine is an address such as `{EXAMPLE}`"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise InventoryError(wanted)
    if "@" in parts.netloc:
        raise InventoryError(f"{wanted}, without a user name and a password: these are the credentials")
    if parts.query or parts.fragment:
        raise InventoryError(f"{wanted}, without `?` and `#`")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise InventoryError(
            f"the url `{shorten(url, 100)}` is not encrypted, and anybody on the way could read the password: write https"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Return whose certificates are trusted.

    Parameters
    ----------
    ca_file : Path or None
        Certificates of authorities in PEM; the system's authorities when None.

    Raises
    ------
    InventoryError
        If the file cannot be read, or holds no certificate.
    """
    if ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise InventoryError(f"{file_name(ca_file)} holds no certificate in PEM") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "there can be no such file"
        raise InventoryError(f"cannot read {file_name(ca_file)}: {reason}") from None


def check_bounds(retries: object, largest: object, **seconds: object) -> None:
    """Refuse bounds that are none.

    Raises
    ------
    InventoryError
        If a number of seconds is not positive, or the others are no whole numbers of at least 0 and 1.
    """
    for name, value in seconds.items():
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < math.inf:
            raise InventoryError(f"`{name}` is a positive number of seconds")
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise InventoryError("`retries` is a whole number, at least 0")
    if not isinstance(largest, int) or isinstance(largest, bool) or largest < 1:
        raise InventoryError("`largest` is a number of bytes, at least 1")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
