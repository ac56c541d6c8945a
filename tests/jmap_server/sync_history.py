"""Random histories of one account, by everything that can change it."""

from tests.jmap_server.jmap_house import mail
from tests.jmap_server.sync_imap import boxes_of


class History:
    """Makes random changes: by several JMAP and IMAP sessions, and by the mail that comes in."""

    def __init__(self, house, account, dice, browsers, connections):
        self.house = house
        self.account = account
        self.dice = dice
        self.browsers = browsers
        self.connections = connections
        self.sent = 0
        self.acts = [self.deliver] * 3
        if browsers:
            self.acts += [
                self.mark, self.mark, self.move, self.destroy, self.make_mailbox, self.change_mailbox,
                self.drop_mailbox, self.identity, self.submit, self.several,
            ]  # fmt: skip
        if connections:
            self.acts += [
                self.append, self.store, self.store, self.expunge, self.copy, self.carry, self.create, self.rename,
                self.delete,
            ]  # fmt: skip

    async def step(self):
        await self.dice.choice(self.acts)()
        for client in self.connections:
            # A session whose mailbox is deleted ends (RFC 2180 §3.3).
            await client.cmd("UNSELECT")

    @property
    def browser(self):
        return self.dice.choice(self.browsers)

    async def ids(self, kind):
        return [one["id"] for one in (await self.browser.call(f"{kind}/get", ids=None, properties=["id"]))["list"]]

    async def some(self, kind, most=4):
        found = await self.ids(kind)
        return self.dice.sample(found, min(len(found), self.dice.randint(1, most)))

    async def deliver(self):
        self.sent += 1
        fields = {"Message_ID": f"<{self.sent}@b.example>"}
        subject = self.dice.choice(["plan", "가격", "zeta", "alpha"])
        if self.sent > 1 and self.dice.random() < 0.5:
            fields["In_Reply_To"] = f"<{self.dice.randint(1, self.sent - 1)}@b.example>"
        names = ("$seen",) if self.dice.random() < 0.3 else ()
        body = "x" * self.dice.randint(1, 40)
        at = self.dice.randint(1, 50) * 1000
        await self.house.deliver(self.account, mail(subject, body, **fields), names=names, at=at)

    async def mark(self):
        keyword = self.dice.choice(["$seen", "$flagged", "todo"])
        value = self.dice.choice([True, None])
        await self.set("Email", update={one: {f"keywords/{keyword}": value} for one in await self.some("Email")})

    async def move(self):
        [box] = await self.some("Mailbox", 1)
        whole = self.dice.random() < 0.5
        patch = {"mailboxIds": {box: True}} if whole else {f"mailboxIds/{box}": True}
        await self.set("Email", update=dict.fromkeys(await self.some("Email"), patch))

    async def destroy(self):
        await self.set("Email", destroy=await self.some("Email", 2))

    async def make_mailbox(self):
        parent = self.dice.choice([None, *await self.some("Mailbox", 1)])
        name = self.dice.choice("abcdefgh") + str(self.dice.randint(1, 99))
        await self.set("Mailbox", create={"k": {"name": name, "parentId": parent}})

    async def change_mailbox(self):
        [box] = await self.some("Mailbox", 1)
        parent = self.dice.choice([None, *await self.some("Mailbox", 1)])
        patch = self.dice.choice([{"name": f"a{self.dice.randint(1, 99)}"}, {"sortOrder": 7}, {"parentId": parent}])
        await self.set("Mailbox", update={box: patch})

    async def drop_mailbox(self):
        await self.set("Mailbox", destroy=await self.some("Mailbox", 1), onDestroyRemoveEmails=True)

    async def identity(self):
        login = self.account.login
        [one] = await self.some("Identity", 1)
        await self.set(
            "Identity",
            **self.dice.choice([
                {"create": {"k": {"email": login, "name": "x"}}}, {"update": {one: {"name": str(self.dice.random())}}},
                {"destroy": [one]},
            ]),
        )  # fmt: skip

    async def submit(self):
        submissions = await self.some("EmailSubmission", 1)
        if submissions and self.dice.random() < 0.4:
            await self.set("EmailSubmission", update={submissions[0]: {"undoStatus": "canceled"}})
            return
        if submissions and self.dice.random() < 0.3:
            await self.set("EmailSubmission", destroy=submissions)
            return
        drafts = {"mailboxIds": {(await self.ids("Mailbox"))[0]: True}, "to": [{"email": "lee@b.example"}]}
        hold = {"HOLDFOR": "600"} if self.dice.random() < 0.7 else {}
        [identity] = await self.some("Identity", 1)
        await self.browser.calls(
            ["Email/set", {"create": {"m": {**drafts, "subject": "s"}}}],
            ["EmailSubmission/set", {"create": {"s": {
                "emailId": "#m", "identityId": identity,
                "envelope": {
                    "mailFrom": {"email": self.account.login, "parameters": hold},
                    "rcptTo": [{"email": "lee@b.example"}],
                },
            }}, "onSuccessUpdateEmail": {"#s": {"keywords/$seen": True}}}],
        )  # fmt: skip

    async def several(self):
        """Many changes in one request."""
        found = await self.ids("Email")
        self.dice.shuffle(found)
        half = len(found) // 2
        update = {one: {"keywords/$flagged": self.dice.choice([True, None])} for one in found[:half]}
        await self.set("Email", update=update, destroy=found[half : half + 2])

    async def set(self, kind, **arguments):
        await self.browser.call(f"{kind}/set", **arguments)

    # over IMAP

    async def opened(self, most=4):
        """Open a mailbox; return (connection, its name, some UIDs as a set)."""
        client = self.dice.choice(self.connections)
        box = self.dice.choice(await boxes_of(client))
        await client.cmd(f"SELECT {box}")
        found = (await client.cmd("UID SEARCH ALL")).starting(b"SEARCH")
        uids = found[0].decode().split()[1:] if found else []
        chosen = self.dice.sample(uids, min(len(uids), self.dice.randint(1, most)))
        return client, box, ",".join(chosen)

    async def append(self):
        self.sent += 1
        client = self.dice.choice(self.connections)
        box = self.dice.choice(await boxes_of(client))
        octets = mail("apple", "y" * self.dice.randint(1, 40), Message_ID=f"<{self.sent}@b.example>")
        await client.cmd(f"APPEND {box} (\\Seen) {{}}", octets)

    async def store(self):
        client, _, uids = await self.opened()
        flags = self.dice.choice(["\\Seen", "\\Flagged", "\\Deleted", "\\Deleted todo", "mine"])
        if uids:
            await client.cmd(f"UID STORE {uids} {self.dice.choice(['+', '-', ''])}FLAGS ({flags})")

    async def expunge(self):
        client, _, uids = await self.opened()
        await client.cmd(f"UID EXPUNGE {uids}" if uids and self.dice.random() < 0.4 else "EXPUNGE")

    async def copy(self):
        client, _, uids = await self.opened()
        if uids:
            await client.cmd(f"UID COPY {uids} {self.dice.choice(await boxes_of(client))}")

    async def carry(self):
        client, _, uids = await self.opened()
        if uids:
            await client.cmd(f"UID MOVE {uids} {self.dice.choice(await boxes_of(client))}")

    async def create(self):
        client = self.dice.choice(self.connections)
        await client.cmd(f"CREATE {self.dice.choice('klm')}{self.dice.randint(1, 9)}/n")

    async def rename(self):
        client = self.dice.choice(self.connections)
        await client.cmd(f"RENAME {self.dice.choice(await boxes_of(client))} r{self.dice.randint(1, 99)}")

    async def delete(self):
        client = self.dice.choice(self.connections)
        await client.cmd(f"DELETE {self.dice.choice(await boxes_of(client))}")
