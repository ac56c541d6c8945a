"""A text as a QR code, drawn as SVG (ISO/IEC 18004)."""

import segno

QUIET = 4
"""Light modules around it (ISO/IEC 18004 §6.3.8)."""


def svg(text: str) -> str:
    """Return an SVG document of dark squares on light ones, without a script, style or size of its own. Raises ValueError:
    too long.
    """
    code = segno.make(text, micro=False, error="m")
    rows = [bytes(row) for row in code.matrix]
    side = len(rows) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark & 1
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )
