"""Threads of a search result (RFC 5256 §3): ORDEREDSUBJECT and REFERENCES, as text of the THREAD response.

Pure: gets what the headers say. Depth is the sender's choice, so nothing here recurses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Threaded:
    """One message. `sent`: seconds; `ids`: its Message-ID first, then References, oldest first; `subject`: base subject
    for comparison; `reply`: the subject says that it answers or forwards.
    """

    number: int
    sent: int
    message_id: str
    references: tuple[str, ...]
    subject: str
    reply: bool


@dataclass(slots=True, eq=False)
class _Node:
    message: Threaded | None = None
    parent: "_Node | None" = None
    children: "list[_Node]" = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int]:
        """Sent date, then number (RFC 5256 §2.2); of a placeholder that of its first child."""
        node = self
        while node.message is None and node.children:
            node = node.children[0]
        return (node.message.sent, node.message.number) if node.message is not None else (0, 0)


def ordered_subject(messages: Sequence[Threaded]) -> bytes:
    """RFC 5256 §3 ORDEREDSUBJECT: one level, by base subject; threads by the date of their first message."""
    groups: dict[str, list[Threaded]] = {}
    for one in sorted(messages, key=lambda one: (one.subject, one.sent, one.number)):
        groups.setdefault(one.subject, []).append(one)
    threads = []
    for group in sorted(groups.values(), key=lambda group: (group[0].sent, group[0].number)):
        root = _Node(group[0])
        root.children = [_Node(one, root) for one in group[1:]]
        threads.append(root)
    return _text(threads)


def references(messages: Sequence[Threaded]) -> bytes:
    """RFC 5256 §3 REFERENCES, steps 1 to 6."""
    roots = _pruned(_linked(messages))
    roots.sort(key=lambda node: node.key)
    roots = _gathered(roots)
    return _text(_sorted(roots))


def _linked(messages: Sequence[Threaded]) -> list[_Node]:
    """Steps 1 and 2: parents by References; return all nodes without a parent."""
    nodes: dict[str, _Node] = {}
    made: list[_Node] = []
    for one in messages:
        node = nodes.get(one.message_id) if one.message_id else None
        if node is None or node.message is not None:
            # No id, or one that another message has: it stands for itself (step 1).
            node = _Node()
            if one.message_id and one.message_id not in nodes:
                nodes[one.message_id] = node
            made.append(node)
        node.message = one
        above: _Node | None = None
        for reference in one.references:
            parent = nodes.get(reference)
            if parent is None:
                parent = nodes[reference] = _Node()
                made.append(parent)
            if above is not None and parent.parent is None and not _is_above(parent, above):
                _link(above, parent)
            above = parent
        # Step 1.B: what References of others said of this message gives way to what it says itself, be that nothing.
        if node.parent is not above:
            node.parent = None
            if above is not None and not _is_above(node, above):
                _link(above, node)
    for node in made:
        node.children = list(dict.fromkeys(child for child in node.children if child.parent is node))
    return [node for node in made if node.parent is None]


def _link(parent: _Node, child: _Node) -> None:
    child.parent = parent
    parent.children.append(child)


def _is_above(node: _Node, other: _Node) -> bool:
    """Whether `node` is `other` or an ancestor of it: linking `other` above it would make a loop."""
    if not node.children:
        # Nobody's ancestor: a long thread, each message new at its end, is not walked again for each of them.
        return node is other
    at: _Node | None = other
    while at is not None:
        if at is node:
            return True
        at = at.parent
    return False


def _pruned(roots: list[_Node]) -> list[_Node]:
    """Step 3: placeholders without children go; others give their children to their parent, at the root only a single
    one.
    """
    top = _Node(children=roots)
    order: list[_Node] = []
    waiting = [top]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(node.children)
    for node in reversed(order):
        kept: list[_Node] = []
        for child in node.children:
            if child.message is None and (node is not top or len(child.children) <= 1):
                kept.extend(child.children)
            else:
                kept.append(child)
        node.children = kept
    for node in order:
        for child in node.children:
            child.parent = None if node is top else node
    return top.children


def _gathered(roots: list[_Node]) -> list[_Node]:
    """Step 5: roots with the same base subject become one thread."""
    table: dict[str, _Node] = {}
    for root in roots:
        subject, reply = _subject(root)
        held = table.get(subject) if subject else None
        if not subject:
            continue
        if held is None or (root.message is None and held.message is not None) or (_subject(held)[1] and not reply):
            table[subject] = root
    merged: list[_Node] = []
    for root in roots:
        subject, reply = _subject(root)
        held = table.get(subject) if subject else None
        if held is None or held is root:
            merged.append(root)
        elif held.message is None and root.message is None:
            held.children.extend(root.children)
        elif held.message is None or (reply and not _subject(held)[1]):
            held.children.append(root)
        else:
            # Both answer, or neither does: a new placeholder holds them side by side.
            both = _Node(None, None, [_Node(held.message, None, held.children), root])
            held.message, held.children = None, both.children
    return merged


def _subject(node: _Node) -> tuple[str, bool]:
    first = node.message if node.message is not None else next((child.message for child in node.children), None)
    return (first.subject, first.reply) if first is not None else ("", False)


def _sorted(roots: list[_Node]) -> list[_Node]:
    """Steps 4 and 6: siblings by sent date, from the deepest up: a placeholder counts as its first child."""
    top = _Node(children=roots)
    order: list[_Node] = []
    waiting = [top]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(node.children)
    for node in reversed(order):
        node.children.sort(key=lambda child: child.key)
    return top.children


def _text(roots: Sequence[_Node]) -> bytes:
    """RFC 5256 §4 thread-data: `(1 2 (3)(4 5))`; a placeholder has no number."""
    return "".join(_pieces(roots)).encode("ascii")


def _pieces(roots: Sequence[_Node]) -> Iterator[str]:
    # Each entry: a node to write, or text. A chain goes on in the same parentheses.
    stack: list[_Node | str] = []
    for root in reversed(roots):
        stack += (")", root, "(")
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            yield entry
            continue
        number = "" if entry.message is None else str(entry.message.number)
        yield number
        if len(entry.children) == 1:
            stack += (entry.children[0], " " if number else "")
        elif entry.children:
            for child in reversed(entry.children):
                stack += (")", child, "(")
            if number:
                stack.append(" ")
