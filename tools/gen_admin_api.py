"""The pages of docs/reference/ about the admin API: the OpenAPI document, and a table to read. Called by gen_reference.py."""

import json
from collections import defaultdict

from smartmail.edge.httpd.admin.openapi import document
from smartmail.edge.httpd.admin.operation import ROOT, Operation
from smartmail.edge.httpd.admin.table import OPERATIONS

HEAD = """# Admin API · 관리 API

{note}

Served on the admin host below `{root}`. The document for programs is [admin-api.json](admin-api.json) (OpenAPI 3.1), on a
running server `{root}/openapi.json`. How to use it: [guide](../guide-admin/en/admin-api.md) ·
[안내](../guide-admin/ko/admin-api.md).

Lists take `after` and `limit` (1…500). What changes something takes `If-Match`, `Idempotency-Key` and `X-Reason`.
"""


def pages(note: str) -> dict[str, str]:
    """Return file name → text."""
    made = json.dumps(document(OPERATIONS), ensure_ascii=False, indent=1)
    return {"admin-api.json": made + "\n", "admin-api.md": _table(note)}


def _table(note: str) -> str:
    by_tag: dict[str, list[Operation]] = defaultdict(list)
    for one in OPERATIONS:
        by_tag[one.tag].append(one)
    lines = [HEAD.format(note=note, root=ROOT)]
    for tag, operations in by_tag.items():
        lines += [f"## {tag}", "", "| request | what | permission |", "|---|---|---|"]
        for one in operations:
            permission = f"`{one.permission}`" if one.permission else "everybody" if one.public else "signed in"
            lines.append(f"| `{one.method} {one.path}` | {one.summary} | {permission} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
