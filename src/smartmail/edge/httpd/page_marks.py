"""What pages that are only shown carry against being handed on: a mark of who looks at them, and no printing.

Printing and copying are made hard and not impossible: who reads a screen can photograph it.
"""

import base64
from html import escape


def mark_rule(who: str) -> str:
    """Return the style rule of `.mark` that writes who looks over all of the page, again and again."""
    wide = 60 + sum(8 if one.isascii() else 14 for one in who)
    high = max(120, wide // 3)
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}"><text x="50%" y="50%" text-anchor="middle" '
        f'transform="rotate(-20 {wide // 2} {high // 2})" font-family="sans-serif" font-size="14" fill="#808080" '
        f'fill-opacity=".34">{escape(who)}</text></svg>'
    )
    octets = base64.b64encode(drawn.encode("utf-8", "replace")).decode()
    return f'.mark{{background-image:url("data:image/svg+xml;base64,{octets}")}}'


def no_print_rule(words: str) -> str:
    """Return the style rule by which a printer gets some words and nothing else."""
    return f'@media print{{body>*{{display:none!important}}body::after{{content:"{words}"}}}}'
