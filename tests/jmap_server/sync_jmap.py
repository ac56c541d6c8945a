"""A client that follows `/changes` and `/queryChanges` and never asks for what it has been told."""

TYPES = ("Mailbox", "Email", "Thread", "Identity", "EmailSubmission")
PROPERTIES = {"Email": ["id", "mailboxIds", "keywords", "threadId", "size"]}
QUERIES = (
    ("Email/query", {"sort": [{"property": "receivedAt", "isAscending": False}]}),
    ("Email/query", {"filter": {"inMailbox": "$inbox"}, "sort": [{"property": "receivedAt", "isAscending": False}]}),
    ("Email/query", {"filter": {"notKeyword": "$seen"}, "sort": [{"property": "subject"}], "calculateTotal": True}),
    ("Email/query", {"filter": {"inMailbox": "$inbox"}, "collapseThreads": True}),
    (
        "Email/query",
        {"collapseThreads": True, "sort": [{"property": "someInThreadHaveKeyword", "keyword": "$flagged"}]},
    ),
    ("Email/query", {"filter": {"noneInThreadHaveKeyword": "$flagged"}, "sort": [{"property": "size"}]}),
    (
        "Email/query",
        {"filter": {"operator": "NOT", "conditions": [{"allInThreadHaveKeyword": "$seen"}, {"inMailbox": "$inbox"}]}},
    ),
    ("Mailbox/query", {"sort": [{"property": "name"}]}),
    ("Mailbox/query", {"sort": [{"property": "name"}], "sortAsTree": True, "filterAsTree": True}),
    ("Mailbox/query", {"filter": {"name": "a"}, "filterAsTree": True, "sort": [{"property": "sortOrder"}]}),
    ("EmailSubmission/query", {"sort": [{"property": "sentAt"}]}),
    ("EmailSubmission/query", {"filter": {"undoStatus": "pending"}}),
)


class JmapFollower:
    """A JMAP client: keeps copies of all objects and of the results of all queries, and follows the log."""

    def __init__(self, browser, dice, inbox, kinds=TYPES, queries=QUERIES, *, guest=False):
        # What a guest was told is void once their rights have changed: then they begin anew, and only then.
        self.guest = guest
        self.kinds = kinds
        self.queries = queries
        self.browser = browser
        self.dice = dice
        self.inbox = inbox
        self.states = {}
        self.held = {}
        self.results = {}

    def arguments(self, query):
        given = dict(query[1])
        text = given.get("filter")
        if text == {"inMailbox": "$inbox"}:
            given["filter"] = {"inMailbox": self.inbox}
        elif text and "conditions" in text:
            given["filter"] = {**text, "conditions": [text["conditions"][0], {"inMailbox": self.inbox}]}
        return given

    async def fetch(self, kind, ids=None):
        wanted = {"properties": PROPERTIES[kind]} if kind in PROPERTIES else {}
        answer = await self.browser.call(f"{kind}/get", ids=ids, **wanted)
        return answer["state"], {one["id"]: one for one in answer["list"]}

    async def begin(self):
        for kind in self.kinds:
            self.states[kind], self.held[kind] = await self.fetch(kind)
        for number, query in enumerate(self.queries):
            answer = await self.browser.call(query[0], **self.arguments(query))
            self.results[number] = (answer["queryState"], answer["ids"])

    async def follow(self):
        for kind in self.kinds:
            await self.follow_type(kind)
        for number in range(len(self.queries)):
            await self.follow_query(number)

    async def follow_type(self, kind):
        most = self.dice.choice([None, None, 1, 3, 20])
        while True:
            name, changes = await self.answer(f"{kind}/changes", sinceState=self.states[kind], maxChanges=most)
            if name == "error":
                # One transaction of more objects than we take at once.
                assert changes["type"] == "cannotCalculateChanges" and (most is not None or self.guest)
                if most is None:
                    self.states[kind], self.held[kind] = await self.fetch(kind)
                    return
                most = None
                continue
            changed = changes["created"] + changes["updated"]
            assert len(set(changed + changes["destroyed"])) == len(changed) + len(changes["destroyed"])
            held = self.held[kind]
            for gone in changes["destroyed"]:
                held.pop(gone, None)
            _, found = await self.fetch(kind, changed)
            for one in changed:
                # What has gone since is in the next stretch of the log.
                held.pop(one, None)
            held.update(found)
            self.states[kind] = changes["newState"]
            if not changes["hasMoreChanges"]:
                return

    async def follow_query(self, number):
        query = self.queries[number]
        state, ids = self.results[number]
        arguments = self.arguments(query)
        method = query[0].replace("/query", "/queryChanges")
        name, changes = await self.answer(method, sinceQueryState=state, **arguments)
        if name == "error":
            assert changes["type"] == "cannotCalculateChanges" and self.guest
            answer = await self.browser.call(query[0], **arguments)
            self.results[number] = (answer["queryState"], answer["ids"])
            return
        removed = set(changes["removed"])
        ids = [one for one in ids if one not in removed]
        for item in changes["added"]:
            assert item["id"] not in ids
            ids.insert(item["index"], item["id"])
        if arguments.get("calculateTotal"):
            assert changes["total"] == len(ids)
        self.results[number] = (changes["newQueryState"], ids)

    async def answer(self, name, **arguments):
        [[answered, result, _]] = await self.browser.calls([name, arguments])
        return answered, result

    async def compare(self):
        for kind in self.kinds:
            state, found = await self.fetch(kind)
            both = self.held[kind].keys() | found.keys()
            differ = {one: (self.held[kind].get(one), found.get(one)) for one in both}
            assert {one: pair for one, pair in differ.items() if pair[0] != pair[1]} == {}, kind
            assert self.states[kind] == state
        for number, query in enumerate(self.queries):
            answer = await self.browser.call(query[0], **self.arguments(query))
            assert (query, self.results[number][1]) == (query, answer["ids"])
            assert answer["canCalculateChanges"] is True
