"""Forms as browsers send them: application/x-www-form-urlencoded and multipart/form-data (RFC 7578).

LIMITS  MAX_FIELDS fields, MAX_HEAD octets of header fields of one; the caller bounds the octets. What is malformed gives fewer fields, never an error: a form
        that lacks one is answered as one that was left empty.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

MAX_FIELDS: Final = 200
MAX_HEAD: Final = 8_192
_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"\r\n]{1,200})"|([^\s;",]{1,200}))', re.IGNORECASE)
_NAME: Final = re.compile(r'(?:^|[;\s])name="([^"\r\n]*)"', re.IGNORECASE)
_FILE: Final = re.compile(r'(?:^|[;\s])filename="([^"\r\n]*)"', re.IGNORECASE)


class File(NamedTuple):
    """A file that was chosen."""

    name: str
    type: str
    octets: bytes


class Form(NamedTuple):
    """Text fields (the first of each name) and files in order."""

    fields: dict[str, str]
    files: list[File]

    def text(self, name: str) -> str:
        """Return a field, "" when absent."""
        return self.fields.get(name, "")


def parse_form(content_type: str, body: bytes) -> Form:
    """Return what a form holds."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        try:
            pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
        except ValueError:
            pairs = []
        return Form(dict(reversed(pairs)), [])
    form = Form({}, [])
    for disposition, media_type, octets in _parts(content_type, body):
        name, file = _NAME.search(disposition), _FILE.search(disposition)
        if name is None:
            continue
        if file is None:
            form.fields.setdefault(_spelled(name[1]), octets.decode("utf-8", "replace"))
        elif file[1] or octets:
            form.files.append(File(_base(_spelled(file[1])), media_type, octets))
    return form


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield (disposition, type, content)."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        return
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    # RFC 2046 §5.1.1: the line break before a delimiter belongs to it.
    pieces = (b"\r\n" + body).split(b"\r\n" + mark, MAX_FIELDS + 1)
    for piece in pieces[1 : MAX_FIELDS + 1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        if piece.startswith(b"--") or not blank or len(head) > MAX_HEAD:
            continue
        fields: dict[str, str] = {}
        for line in head.decode("utf-8", "replace").split("\r\n"):
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        yield fields.get("content-disposition", ""), fields.get("content-type", ""), content


def _spelled(name: str) -> str:
    """Undo what browsers write for quotes and line breaks (HTML, multipart/form-data encoding)."""
    return re.sub("%(?:22|0[AaDd])", lambda one: unquote(one[0]), name)


def _base(name: str) -> str:
    """Old browsers send the whole path."""
    return re.split(r"[\\/]", name)[-1]
