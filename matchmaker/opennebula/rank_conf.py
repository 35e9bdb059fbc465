"""The scheduler's configuration file `rank.conf`, read as OpenNebula's rank scheduler reads it.

No log file is written here: the LOG section is checked, as upstream ends when it is wrong, and has no other effect.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from matchmaker.attributes.numbers import LARGEST_FLOAT32, float_reading, integer_reading
from matchmaker.diagnostics import shorten
from matchmaker.errors import MatchmakerError, RankError
from matchmaker.expressions import Rank
from matchmaker.opennebula.policies import FIXED, LOAD_AWARE, PACKING, STRIPING, Policy
from matchmaker.opennebula.rank_conf_syntax import StatementError, read_statements
from matchmaker.source import Source

_LARGEST_FILE = 16 * 1024 * 1024
_UNREADABLE = "Error reading configuration file."
_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?)0*([0-9]+)")
_FLOAT = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_OWN_NUMBER = re.compile(r"[0-9]{1,12}")

_POLICIES: dict[str, tuple[str, tuple[Policy | None, ...]]] = {
    "DEFAULT_SCHED": ("host", (PACKING, STRIPING, LOAD_AWARE, None, FIXED)),
    "DEFAULT_DS_SCHED": ("datastore", (PACKING, STRIPING, None, FIXED)),
    "DEFAULT_NIC_SCHED": ("network", (PACKING, STRIPING, None, FIXED)),
}
"""What each key is about, and its policies by number; None is the custom one."""

_KEYS = (
    "LOG",
    "MAX_HOST",
    "DIFFERENT_VNETS",
    "MEMORY_SYSTEM_DS_SCALE",
    *_POLICIES,
    "COMPATIBILITY",
    "EXPRESSION_LENGTH",
    "EXPRESSION_TIME",
)
"""What is read."""


class ConfigurationError(MatchmakerError, ValueError):
    """A configuration file cannot be read, or says what OpenNebula's scheduler refuses.

    Parameters
    ----------
    message : str
        What is wrong.
    origin : str
        The file.
    line, column : int or None
        Where, counted from 1.
    upstream : str
        What OpenNebula's own scheduler would say last.
    """

    def __init__(
        self,
        message: str,
        origin: str = "rank.conf",
        line: int | None = None,
        column: int | None = None,
        upstream: str = _UNREADABLE,
    ) -> None:
        super().__init__(message, origin, line, column, upstream)
        self.message = message
        self.origin = origin
        self.line = line
        self.column = column
        self.upstream = upstream

    def __str__(self) -> str:
        return _ascii(f"{self.origin}{f':{self.line}:{self.column}' if self.line else ''}: {self.message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """How the scheduler is to work; without arguments, as it does when there is no file.

    Parameters
    ----------
    max_host : int
        How many VMs one run may place on a host; 0 is no limit.
    different_vnets : bool
        Whether the automatic NICs of a VM must be in different networks.
    memory_system_ds_scale : float
        The part of a VM's memory that its system datastore must have room for, a float32; a negative one turns this off.
    host_rank, datastore_rank, network_rank : Rank or None
        What to rank by when a VM has no rank of its own; None makes all equal.
    compatibility : bool
        Whether OpenNebula's defects are reproduced.
    expression_length : int
        The longest expression of a VM, in bytes.
    expression_time : float
        How long all expressions of one VM may take, in seconds.
    warnings : tuple of str
        What was met that is no error, one line of ASCII each.
    """

    max_host: int = 0
    different_vnets: bool = True
    memory_system_ds_scale: float = 0.0
    host_rank: Rank | None = field(default_factory=lambda: STRIPING.host)
    datastore_rank: Rank | None = field(default_factory=lambda: STRIPING.datastore)
    network_rank: Rank | None = field(default_factory=lambda: STRIPING.network)
    compatibility: bool = True
    expression_length: int = 65536
    expression_time: float = 0.2
    warnings: tuple[str, ...] = ()


def read_configuration(path: Path | None = None, *, environment: Mapping[str, str] = os.environ) -> Configuration:
    """Read the configuration file that OpenNebula's scheduler would read.

    Parameters
    ----------
    path : Path or None
        The file. Without one it is `etc/schedulers/rank.conf` in the folder that ONE_LOCATION names, or
        `/etc/one/schedulers/rank.conf` when that is not set; if there is no such file, upstream's defaults are returned.
    environment : mapping
        Where ONE_LOCATION is looked up.

    Raises
    ------
    ConfigurationError
        If the file given is not there, cannot be read, or is wrong.
    """
    location = environment.get("ONE_LOCATION")
    place = path or Path(f"{location}/etc" if location else "/etc/one", "schedulers", "rank.conf")
    try:
        with place.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        if path is None and isinstance(error, FileNotFoundError | NotADirectoryError):
            return Configuration()
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"cannot be read: {reason}", str(place)) from None
    if len(content) > _LARGEST_FILE:
        raise ConfigurationError(f"is longer than {_LARGEST_FILE:,} bytes", str(place))
    return parse_configuration(content, origin=str(place))


def parse_configuration(text: str | bytes, *, origin: str = "rank.conf") -> Configuration:
    """Read a configuration.

    Parameters
    ----------
    text : str or bytes
        What the file holds; bytes are read as UTF-8.
    origin : str
        What to call the file in messages.

    Raises
    ------
    ConfigurationError
        If its syntax is wrong, or its LOG section.
    """
    decoded = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    return _Reading(decoded.replace("\r\n", "\n"), origin).configuration()


class _Reading:
    """What the statements of one text mean."""

    def __init__(self, text: str, origin: str) -> None:
        self._source = Source(text, origin)
        self._warnings: list[str] = []
        try:
            statements = read_statements(text)
        except StatementError as error:
            raise self._error(error.message, error.place) from None
        self._values, self._places = statements.values, statements.places
        if statements.skipped:
            first = statements.first_skipped
            more = f" and {statements.skipped - 1:,} more" if statements.skipped > 1 else ""
            self._warn(first, f"skipped, as it means nothing here: {text[first]!r}{more}")

    def configuration(self) -> Configuration:
        self._check_log()
        self._warn_of_near_names()
        return Configuration(
            max_host=self._max_host(),
            different_vnets=self._is("DIFFERENT_VNETS", "yes", absent=True),
            memory_system_ds_scale=self._scale(),
            host_rank=self._rank("DEFAULT_SCHED"),
            datastore_rank=self._rank("DEFAULT_DS_SCHED"),
            network_rank=self._rank("DEFAULT_NIC_SCHED"),
            compatibility=not self._is("COMPATIBILITY", "no", absent=False),
            expression_length=self._own_number("EXPRESSION_LENGTH", 65536),
            expression_time=self._own_number("EXPRESSION_TIME", 200) / 1000,
            warnings=tuple(self._warnings),
        )

    def _check_log(self) -> None:
        log = self._values.get("LOG", {"SYSTEM": "file", "DEBUG_LEVEL": "3"})
        if isinstance(log, str):
            upstream = "Config doesn't contain 'LOG' section"
        elif log.get("SYSTEM", "").lower() not in ("file", "syslog", "std"):
            upstream = "Config contains unknown LOG_SYSTEM."
        elif integer_reading(log.get("DEBUG_LEVEL", "")) is None:
            upstream = "stoi"
        else:
            return
        hint = 'write it as `LOG = [ SYSTEM = "file", DEBUG_LEVEL = 3 ]`'
        raise self._error(f"`LOG` does not say how to log: {hint}", self._places["LOG"], upstream)

    def _warn_of_near_names(self) -> None:
        """Warn of keys that nobody reads and that look like ones that are read."""
        for key in sorted(self._values.keys() - set(_KEYS)):
            near = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.8)
            if near:
                self._warn(self._places[key], f"`{shorten(key)}` is not read; did you mean `{near[0]}`?")

    def _text(self, key: str) -> str | None:
        """Return a value; None when its key is absent, and of a section a text that is no number and no word."""
        value = self._values.get(key)
        return "[ ]" if isinstance(value, dict) else value

    def _is(self, key: str, word: str, *, absent: bool) -> bool:
        text = self._text(key)
        if text is None:
            return absent
        if text.lower() not in ("yes", "no"):
            self._warn_value(key, text, "NO" if word == "yes" else "YES")
        return text.lower() == word

    def _max_host(self) -> int:
        text = self._text("MAX_HOST")
        if text is None:
            return 0
        found = _INTEGER.match(text)
        number = 0 if found is None or found[1] == "-" else int(found[2][:11])
        number = number if number < 2**32 else 0
        if found is None or found.end() < len(text) or (number == 0 and found[2] != "0"):
            self._warn_value("MAX_HOST", text, str(number) if number else "0, no limit")
        return number

    def _scale(self) -> float:
        text = self._text("MEMORY_SYSTEM_DS_SCALE")
        if text is None:
            return 0.0
        number, found = float_reading(text) or 0.0, _FLOAT.match(text)
        if number == 0.0 and found is not None and abs(float(found[1])) > LARGEST_FLOAT32:
            number = math.copysign(LARGEST_FLOAT32, float(found[1]))
        if found is None or found.end() < len(text) or abs(number) == LARGEST_FLOAT32:
            self._warn_value("MEMORY_SYSTEM_DS_SCALE", text, f"{number:g}")
        return number

    def _rank(self, key: str) -> Rank | None:
        """Return the rank of a default policy; it is striping when there is none."""
        kind, known = _POLICIES[key]
        section = self._values.get(key, {})
        if isinstance(section, str):
            self._warn(self._places[key], f"`{key}` takes a section such as `[ POLICY = 1 ]`; all are ranked equal")
            return None
        text = section.get("POLICY") or "1"
        found = _INTEGER.match(text)
        number = 0 if found is None else int(found[1] + found[2][:10])
        if found is None or found.end() < len(text):
            self._warn(self._places[key], f"POLICY of `{key}` is read as {number}: `{shorten(text)}`")
        if not 0 <= number < len(known):
            self._warn(self._places[key], f"`{key}` has no policy `{shorten(text)}`; all are ranked equal")
            return None
        policy = known[number]
        if policy is not None:
            return getattr(policy, kind)  # type: ignore[no-any-return]
        if "RANK" in section:
            return self._custom(key, section["RANK"])
        self._warn(self._places[key], f"policy {number} of `{key}` needs a RANK; all are ranked equal")
        return None

    def _custom(self, key: str, text: str) -> Rank | None:
        """Parse a custom rank; of a broken one, return what upstream makes of it."""
        try:
            rank = Rank(text)
        except RankError as error:
            used = None if error.partial is None else str(error.partial).strip()
            problem = next(found.message for found in error.diagnostics if found.severity == "error")
            self._warn(self._places[key], f"RANK of `{key}`: {problem}; ranked by `{shorten(used or '0')}`")
            return error.partial  # type: ignore[no-any-return]
        for found in rank.diagnostics[:1]:
            self._warn(self._places[key], f"RANK of `{key}`: {found.message}")
        return rank

    def _own_number(self, key: str, default: int) -> int:
        """Return a number that upstream does not know, hence read strictly."""
        text = self._text(key)
        if text is None or (_OWN_NUMBER.fullmatch(text) and int(text)):
            return default if text is None else int(text)
        self._warn_value(key, text, str(default))
        return default

    def _error(self, message: str, place: int, upstream: str = _UNREADABLE) -> ConfigurationError:
        return ConfigurationError(message, self._source.name, *self._source.position(place), upstream)

    def _warn_value(self, key: str, text: str, used: str) -> None:
        self._warn(self._places[key], f"`{key}` is read as {used}: `{shorten(text)}`")

    def _warn(self, place: int, message: str) -> None:
        line, column = self._source.position(place)
        self._warnings.append(_ascii(f"{self._source.name}:{line}:{column}: {message}"))


def _ascii(text: str) -> str:
    """Return a text as one line of printable ASCII."""
    escaped = text.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in escaped)
