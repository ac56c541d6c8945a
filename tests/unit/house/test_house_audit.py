"""Records of acts say through which door an actor came: else the audit cannot be asked for it (KA-40)."""

import ast

from tests.unit.house.tree import ROOT

SIMPLE = 7
"""Arguments of AuditRecord, the door being the last."""


def test_a_record_that_knows_where_an_actor_came_from_says_the_door():
    silent = []
    for path in sorted((ROOT / "src/smartmail").rglob("*.py")):
        source = path.read_text()
        if "AuditRecord(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AuditRecord"):
                continue
            text = ast.unparse(node)
            says = len(node.args) >= SIMPLE or any(one.arg == "door" for one in node.keywords)
            if not says and ("origin." in text or "actor.account_id" in text):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not silent
