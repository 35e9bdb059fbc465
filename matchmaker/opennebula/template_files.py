"""Files that hold templates: their text, the expressions in them, and how to change these and nothing else."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from matchmaker.diagnostics import Edit
from matchmaker.errors import DocumentError, MatchmakerError
from matchmaker.opennebula.parsing import declared_encoding
from matchmaker.opennebula.template_expressions import template_expressions

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MOST_ALONE = 100
"""So many changes are tried one by one where they cannot all be made."""


class TemplateFile:
    """A file with templates of virtual machines.

    Parameters
    ----------
    content : bytes
        What is in it. A template in OpenNebula's syntax may have bytes that are no UTF-8.

    Attributes
    ----------
    text : str
        Its text, without a byte order mark.
    expressions : tuple of TemplateExpression
        The expressions in it, in text order.

    Raises
    ------
    TemplateError
        If it is no template, or a document that is not well-formed.
    DocumentError
        If it is a document of another sort, has a DOCTYPE, or is not of its encoding.
    """

    def __init__(self, content: bytes) -> None:
        self._mark, encoding = next(
            ((mark, encoding) for mark, encoding in _MARKS if content.startswith(mark)), (b"", "")
        )
        self._encoding = encoding or declared_encoding(content)
        is_document = content[len(self._mark) :].lstrip(b" \t\r\n\0").startswith(b"<")
        self._errors = "strict" if is_document or self._encoding != "utf-8" else "surrogateescape"
        try:
            self.text = content[len(self._mark) :].decode(self._encoding, self._errors)
        except UnicodeDecodeError as error:
            raise DocumentError(f"not {self._encoding.upper()} at byte {len(self._mark) + error.start}") from None
        self.expressions = tuple(template_expressions(self.text))

    def changed(self, texts: Mapping[int, str]) -> tuple[str, frozenset[int]]:
        """Return the text of the file with other expressions; all else in it stays as it is.

        Parameters
        ----------
        texts : mapping of int to str
            The new texts, by the position of the expression.

        Returns
        -------
        tuple of str and frozenset of int
            The text, and the positions of those that could not be changed: what is to be replaced is written in several ways, or
            the file cannot hold the new text.
        """
        edits: dict[int, Edit] = {}
        for position, text in texts.items():
            expression = self.expressions[position]
            edit = expression.places.change(expression.text, text)
            if edit is not None:
                edits[position] = edit
        changed = self._edited(edits)
        if not self._holds(changed, texts, edits):
            made: dict[int, Edit] = {}
            for position, edit in edits.items() if len(edits) <= _MOST_ALONE else ():
                more = {**made, position: edit}
                if self._holds(self._edited(more), texts, more):
                    made = more
            edits, changed = made, self._edited(made)
        return changed, frozenset(texts.keys() - edits.keys())

    def encoded(self, text: str) -> bytes:
        """Return another text as it would stand in the file."""
        return self._mark + text.encode(self._encoding, self._errors)

    def _edited(self, edits: Mapping[int, Edit]) -> str:
        parts: list[str] = []
        done = 0
        for span, instead in sorted(edits.values()):
            parts += self.text[done : span.start], instead
            done = span.end
        return "".join((*parts, self.text[done:]))

    def _holds(self, changed: str, texts: Mapping[int, str], edits: Mapping[int, Edit]) -> bool:
        """Tell whether a changed text holds just the new expressions, and can be encoded."""
        wanted = [
            (expression.attribute, texts[position] if position in edits else expression.text)
            for position, expression in enumerate(self.expressions)
        ]
        try:
            self.encoded(changed)
            found = template_expressions(changed)
        except (MatchmakerError, UnicodeEncodeError):
            return False
        return [(expression.attribute, expression.text) for expression in found] == wanted
