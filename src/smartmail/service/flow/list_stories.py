"""What became of a mail that went to a list, at each member inside: the stories that came out of its author's.

STRATEGIES  A list sends its members a message of its own, in steps; each step's story names the one it came out of. From
            the author's story on these are followed, as long as it is the list itself that sends (its bounce address). A
            mail that waited for a moderator goes on under an id that follows from the author's (approvals.held_id).
SECURITY    What members do with their copies (redirects, forwards) is not followed: whom they gave one is nothing to the
            author.
LIMITS      MAX_STORIES, each with EVENTS of its events: a step has 500 members.
Must not know who may ask.
"""

from collections.abc import Collection, Sequence
from typing import Final

from smartmail.domain.ids import OrganizationId, QueueEntryId
from smartmail.domain.trace import Event
from smartmail.formats.address import normalize
from smartmail.service.flow.addressing.posting import own_address
from smartmail.service.flow.approvals import held_id
from smartmail.service.flow.tracing.service import Story, TraceService

MAX_STORIES: Final = 500
EVENTS: Final = 5_000
MAX_HELD: Final = 100
"""Recipients of one mail that may have waited for moderators."""


async def through_lists(
    trace: TraceService, organization_id: OrganizationId, roots: Sequence[Story], lists: Collection[str]
) -> dict[str, list[tuple[int, Event]]]:
    """Return what the lists' own messages came to, by list; times in milliseconds."""
    found: dict[str, list[tuple[int, Event]]] = {one: [] for one in lists}
    for name, story in await _followed(trace, organization_id, roots, lists):
        if name is not None:
            found[name] += story.events
    return found


async def steps_of(
    trace: TraceService, organization_id: OrganizationId, roots: Sequence[Story], address: str
) -> tuple[set[QueueEntryId], set[QueueEntryId]]:
    """Return the queue's numbers of a list's own messages, and of the author's and of those that may wait for a moderator."""
    own, others = set[QueueEntryId](), {QueueEntryId(number) for one in roots for number in _goes_on_as(one)}
    for name, story in await _followed(trace, organization_id, roots, [address]):
        numbers = {QueueEntryId(number) for number in _goes_on_as(story)}
        if name is None:
            others |= numbers
        else:
            own |= numbers
    return own, others


async def _followed(
    trace: TraceService, organization_id: OrganizationId, roots: Sequence[Story], lists: Collection[str]
) -> list[tuple[str | None, Story]]:
    """Return the stories that came out of others, each with the list that it is of (None: still the author's)."""
    bounces = {normalize(own_address(one, "bounces")): one for one in lists}
    found: list[tuple[str | None, Story]] = []
    authors = {one.facts.account_id for one in roots}
    seen = {one.id for one in roots}
    frontier = {number for one in roots for number in _goes_on_as(one)}
    while frontier and len(seen) < MAX_STORIES:
        stories = await trace.out_of(organization_id, frontier, since=min(one.id for one in roots), events=EVENTS)
        frontier = set()
        for story in stories:
            if story.id in seen or len(seen) >= MAX_STORIES:
                continue
            name = bounces.get(normalize(story.facts.sender))
            if name is None and story.facts.account_id not in authors:
                continue
            seen.add(story.id)
            frontier.update(_goes_on_as(story))
            found.append((name, story))
    return found


def _goes_on_as(story: Story) -> set[int]:
    """Return the ids that the next stories may name as the one they came out of."""
    if not story.facts.account_id:
        return {story.id}  # a list's own message waits for nobody
    return goes_on_as(story.id, story.facts.count)


def goes_on_as(number: int, recipients: int) -> set[int]:
    """Return the ids that a mail of so many recipients may have in the queue: its own, and those of what was held."""
    held = (held_id(QueueEntryId(number), one) for one in range(min(recipients, MAX_HELD)))
    return {number, *map(int, held)}
