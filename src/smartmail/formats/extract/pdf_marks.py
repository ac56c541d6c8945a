"""What a page of a PDF has besides its text: comments, values of form fields, and whether there is anything at all."""

import ctypes
from typing import Any, Final

_MAX_MARKS: Final = 2_000
_MAX_UNITS: Final = 32_768
_KEYS: Final = (b"Contents", b"V", b"T", b"Subj")


def words(raw: Any, page: Any) -> list[str]:
    """Return the words of the annotations of a page (ISO 32000-1 §12.5, §12.7): comments, titles, values."""
    found: list[str] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX_MARKS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            found += filter(None, (_value(raw, annotation, key) for key in _KEYS))
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return found


def _value(raw: Any, annotation: Any, key: bytes) -> str:
    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < size <= _MAX_UNITS * 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(annotation, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def has_objects(raw: Any, page: Any) -> bool:
    """Say whether anything is drawn on a page."""
    return bool(raw.FPDFPage_CountObjects(page) > 0)
