"""What the opennebula dialect cannot say, as diagnostics about the text that was to be translated."""

from __future__ import annotations

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.nodes import Node, RequestAttribute
from matchmaker.source import Source

CURRENT_VMS = "CURRENT_VMS"
"""The attribute of hosts that is no number, though it compares with numbers."""

_LONGEST = 60
"""So many characters of the text are shown in a message."""
_MOST_NAMES = 3


class Problems:
    """The diagnostics about one expression.

    Parameters
    ----------
    source : Source
        Its text.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.found: list[Diagnostic] = []

    def unbound(self, attribute: RequestAttribute) -> None:
        """Note an attribute of the request that nothing is bound to."""
        name = shorten(attribute.name)
        hint = f'bind a request first: `.bind({{"{name}": ...}}).to("opennebula")`'
        self._add("MM402", attribute, f"`REQUEST.{name}` is not bound, and OpenNebula knows no request", hint)

    def several(self, clause: Node, names: list[str]) -> None:
        """Note a comparison that computes with several attributes."""
        listed = [f"`{shorten(name)}`" for name in names[:_MOST_NAMES]]
        listed += ["others"] if len(names) > _MOST_NAMES else []
        message = f"{', '.join(listed[:-1])} and {listed[-1]} in one comparison"
        label = "OpenNebula compares one attribute with a number or a text"
        self._add(
            "MM401", clause, message, "give the candidates an attribute that holds what is computed here", label=label
        )

    def opaque(self, part: Node) -> None:
        """Note a condition or a choice that arithmetic goes on with."""
        message = f"`{self._written(part)}` stands for a number in the midst of arithmetic"
        self._add("MM401", part, message, "choose between comparisons instead: `A ? B + 1 > 5 : B > 5`")

    def undecided(self, clause: Node, name: str) -> None:
        """Note a comparison that holds for too scattered numbers."""
        message = f"for which whole numbers `{self._written(clause)}` is true cannot be told"
        self._add("MM401", clause, message, f"compare `{shorten(name)}` itself with numbers")

    def current_vms(self, clause: Node) -> None:
        """Note what cannot be asked of the VMs on a host."""
        message = f"`{CURRENT_VMS}` is no number on hosts"
        self._add("MM401", clause, message, f"to ask for VMs: `{CURRENT_VMS} = 7`, or `{CURRENT_VMS} in [7, 8]`")

    def too_large(self, part: Node, what: str) -> None:
        """Note that the work, or the result, is too large."""
        self._add("MM403", part, what, "translate smaller requirements, and join them with `&` or `|`")

    def score(self, part: Node, message: str, *hints: str) -> None:
        """Note what OpenNebula computes otherwise in a rank."""
        self._add("MM404", part, message.format(self._written(part)), *hints)

    def _add(self, code: str, part: Node, message: str, *hints: str, label: str = "") -> None:
        self.found.append(Diagnostic(code, "error", part.span, message, label, hints))

    def _written(self, part: Node) -> str:
        start, end = part.span
        return shorten(" ".join(self._source.text[start : min(end, start + 200)].split()), _LONGEST)
