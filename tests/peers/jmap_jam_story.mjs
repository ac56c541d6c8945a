// What a program does with jmap-jam: looks, lists, reads, sends, and hears of changes. Called by test_jmap_clients.py with
// the address of the session and a token. Prints one JSON object.
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../web/package.json", import.meta.url)));
const { default: JamClient } = await import(pathToFileURL(require.resolve("jmap-jam")).href);
const [sessionUrl, bearerToken] = process.argv.slice(2);
const jam = new JamClient({
  sessionUrl,
  bearerToken,
  customCapabilities: { Quota: "urn:ietf:params:jmap:quota", SieveScript: "urn:ietf:params:jmap:sieve" },
});

// A browser's EventSource sends a cookie; here the same stream is read with the token.
globalThis.EventSource = class {
  constructor(url) {
    this.aborted = new AbortController();
    this.reader = fetch(url, { headers: { Authorization: jam.authHeader }, signal: this.aborted.signal }).then((answer) =>
      answer.body.pipeThrough(new TextDecoderStream()).getReader(),
    );
    this.text = "";
  }
  async next(event) {
    for (;;) {
      const end = this.text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.text.slice(0, end);
        this.text = this.text.slice(end + 2);
        if (block.includes(event)) return block;
        continue;
      }
      this.text += (await (await this.reader).read()).value;
    }
  }
  close() {
    this.aborted.abort();
  }
};

const told = {};
const session = await jam.session;
told.username = session.username;
const accountId = await jam.getPrimaryAccount();
const [boxes] = await jam.api.Mailbox.get({ accountId });
const byRole = Object.fromEntries(boxes.list.filter((box) => box.role).map((box) => [box.role, box.id]));
told.roles = Object.keys(byRole).sort();

// List and read, in one request.
const [{ ids, emails, threads }] = await jam.requestMany((b) => {
  const ids = b.Email.query({ accountId, filter: { inMailbox: byRole.inbox }, sort: [{ property: "receivedAt", isAscending: false }] });
  const emails = b.Email.get({
    accountId,
    ids: ids.$ref("/ids"),
    properties: ["id", "threadId", "subject", "from", "keywords", "bodyValues", "textBody", "attachments"],
    fetchTextBodyValues: true,
  });
  const threads = b.Thread.get({ accountId, ids: emails.$ref("/list/*/threadId") });
  return { ids, emails, threads };
});
told.subjects = emails.list.map((one) => one.subject);
told.listed = ids.ids.length === emails.list.length && threads.list.length > 0;
const letter = emails.list.find((one) => one.attachments.length);
told.text = letter.bodyValues[letter.textBody[0].partId].value;
const [part] = letter.attachments;
const file = await jam.downloadBlob({ accountId, blobId: part.blobId, mimeType: part.type, fileName: part.name });
told.file = [part.name, await file.text()];
const [snippets] = await jam.api.SearchSnippet.get({ accountId, emailIds: ids.ids, filter: { subject: "회의" } });
told.marks = snippets.list.filter((one) => one.subject?.includes("<mark>")).length;

// Push begins, then something changes.
const events = await jam.connectEventSource({ types: ["Email", "EmailSubmission"], ping: 0 });
await events.next(": open");

const [before] = await jam.api.Email.get({ accountId, ids: [] });
const uploaded = await jam.uploadBlob(accountId, new Blob(["첨부 내용"], { type: "text/plain" }));
const [identities] = await jam.api.Identity.get({ accountId });
const [made, meta] = await jam.request(
  [
    "Email/set",
    {
      accountId,
      create: {
        draft: {
          mailboxIds: { [byRole.drafts]: true },
          keywords: { $draft: true },
          from: [{ email: identities.list[0].email, name: "김" }],
          to: [{ email: "lee@b.example" }],
          subject: "보고서",
          textBody: [{ partId: "t", type: "text/plain" }],
          bodyValues: { t: { value: "안녕하세요" } },
          attachments: [{ blobId: uploaded.blobId, type: "text/plain", name: "첨부.txt", disposition: "attachment" }],
        },
      },
    },
  ],
  { createdIds: {} },
);
told.createdIds = meta.createdIds;
told.draft = made.created.draft.id;
const [sent] = await jam.api.EmailSubmission.set({
  accountId,
  create: { out: { emailId: told.draft, identityId: identities.list[0].id } },
  onSuccessUpdateEmail: { "#out": { "keywords/$draft": null, mailboxIds: { [byRole.sent]: true } } },
});
told.undoStatus = sent.created.out.undoStatus;

const [after] = await jam.api.Email.changes({ accountId, sinceState: before.state });
told.created = after.created;
// States go by as they change; the last one is where we are.
for (;;) {
  const change = JSON.parse((await events.next("event: state")).split("data: ")[1]);
  told.pushed = change.changed[accountId];
  if (told.pushed.Email === after.newState) break;
}
events.close();

const [quota] = await jam.request(["Quota/get", { accountId, ids: null }]);
told.quotas = quota.list.length;
const [absence] = await jam.api.VacationResponse.get({ accountId });
told.absence = absence.list[0].isEnabled;

// Errors come back as they should.
told.errors = [];
for (const wrong of [
  () => jam.request(["Email/nonsense", { accountId }]),
  () => jam.api.Email.get({ accountId: "a999", ids: [] }),
  () => jam.api.Email.query({ accountId, filter: { nonsense: 1 } }),
  () => jam.request(["Core/echo", {}], { using: ["urn:nonsense"] }),
]) {
  told.errors.push(await wrong().then(() => "none", (error) => error.type));
}
console.log(JSON.stringify(told));
