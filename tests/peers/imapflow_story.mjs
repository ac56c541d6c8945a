// What a Node program does with imapflow: opens, lists, appends, fetches, searches, marks, moves, waits, and comes back.
// Called by test_imap_more_clients.py with HOST-independent arguments: port, login, password. Prints one JSON object.
import { createRequire } from "node:module";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../web/package.json", import.meta.url)));
const { ImapFlow } = require("imapflow");
const [port, user, pass] = process.argv.slice(2);

const open = async (options = {}) => {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: Number(port),
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass },
    logger: false,
    ...options,
  });
  await client.connect();
  return client;
};

const told = {};
const client = await open({ qresync: true });
told.enabled = [...client.enabled].sort();
told.compressed = client._socketOptions === undefined ? undefined : true;
told.mailboxes = (await client.list({ statusQuery: { messages: true } })).map((box) => [box.path, box.specialUse ?? ""]);
await client.mailboxCreate(["업무", "견적"]);
const raw = Buffer.from("From: a@b.example\r\nSubject: =?utf-8?b?7ZqM7J2Y?=\r\nMessage-ID: <flow@b.example>\r\n\r\nbody\r\n");
told.appended = (await client.append("INBOX", raw, ["\\Flagged", "$work"])).uid;
told.quota = await client.getQuota("INBOX");
let lock = await client.getMailboxLock("INBOX");
const message = await client.fetchOne("*", { uid: true, flags: true, envelope: true, source: true, threadId: true, bodyStructure: true, labels: true });
told.subject = message.envelope.subject;
told.flags = [...message.flags].sort();
told.emailId = message.emailId;
told.source = message.source.toString() === raw.toString();
told.search = await client.search({ subject: "회의", flagged: true }, { uid: true });
await client.messageFlagsAdd({ uid: told.appended }, ["\\Seen"], { uid: true });
const downloaded = await client.download(String(told.appended), "1", { uid: true });
const pieces = [];
for await (const piece of downloaded.content) pieces.push(piece);
told.text = Buffer.concat(pieces).toString();
const { uidValidity, highestModseq } = client.mailbox;
lock.release();

// Another connection changes things; the first hears of it while it idles.
const other = await open();
lock = await client.getMailboxLock("INBOX");
const idling = client.idle();
const heard = once(client, "exists");
await other.append("INBOX", raw);
told.exists = (await heard)[0].count;
client.preCheck && (await client.preCheck());
await idling;
lock.release();

lock = await other.getMailboxLock("INBOX");
told.moved = [...(await other.messageMove({ uid: String(told.appended) }, "업무/견적", { uid: true })).uidMap.entries()];
lock.release();
told.status = await other.status("업무/견적", { messages: true, unseen: true, highestModseq: true });
told.status.highestModseq = typeof told.status.highestModseq;
await other.logout();
await client.logout();

// QRESYNC: what went is told on the next SELECT.
const back = await open({ qresync: true });
const gone = [];
back.on("expunge", (event) => gone.push([event.uid, event.vanished, event.earlier]));
lock = await back.getMailboxLock("INBOX", { changedSince: highestModseq, uidValidity });
told.gone = gone;
lock.release();
await back.logout();
console.log(JSON.stringify(told, (_key, value) => (typeof value === "bigint" ? String(value) : value)));
