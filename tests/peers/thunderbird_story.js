// What Thunderbird does with an account: runs inside it (tests/peers/test_thunderbird.py), returns what it saw.
// arguments: port, login, password.
const [port, login, password] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const told = {};

const url = () => {
  const listener = { OnStartRunningUrl() {}, QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]) };
  listener.done = new Promise((resolve, reject) => {
    listener.OnStopRunningUrl = (_url, code) => (Components.isSuccessCode(code) ? resolve() : reject(new Error("url " + code)));
  });
  return listener;
};
const copied = () => {
  const listener = {
    onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; },
    QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
  };
  listener.done = new Promise((resolve, reject) => {
    listener.onStopCopy = (code) => (Components.isSuccessCode(code) ? resolve() : reject(new Error("copy " + code)));
  });
  return listener;
};
const until = async (what, look) => {
  for (let round = 0; round < 1000; round++) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("waited in vain for " + what);
};
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");

const info = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
info.init("imap://127.0.0.1", null, "imap://127.0.0.1", login, password, "", "");
await Services.logins.addLoginAsync(info);
const server = MailServices.accounts.createIncomingServer(login, "127.0.0.1", "imap");
server.port = port;
server.socketType = Ci.nsMsgSocketType.plain;
server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
server.QueryInterface(Ci.nsIImapIncomingServer).useIdle = true;
const account = MailServices.accounts.createAccount();
const identity = MailServices.accounts.createIdentity();
identity.email = login;
account.addIdentity(identity);
account.incomingServer = server;

const root = server.rootFolder;
const inbox = await until("the inbox", () => root.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox));
const refresh = async (folder) => {
  const listener = url();
  folder.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(null, listener);
  await listener.done;
};
await refresh(inbox);
server.performExpand(null);
await until("Sent", () => root.getFolderWithFlags(Ci.nsMsgFolderFlags.SentMail));
const messages = () => [...inbox.msgDatabase.enumerateMessages()];
await until("three headers", () => messages().length === 3);
told.subjects = messages().map((one) => one.mime2DecodedSubject).sort();
told.uses = ["SentMail", "Drafts", "Trash", "Junk", "Archive"].map(
  (use) => root.getFolderWithFlags(Ci.nsMsgFolderFlags[use])?.name,
);

// A body, as the reading pane asks for it.
const korean = messages().find((one) => one.messageId === "korean@b.example");
told.body = await new Promise((resolve, reject) => {
  const uri = inbox.getUriForMsg(korean);
  let text = "";
  const listener = {
    onStartRequest() {},
    onDataAvailable(_request, stream, _offset, count) {
      const input = Cc["@mozilla.org/binaryinputstream;1"].createInstance(Ci.nsIBinaryInputStream);
      input.setInputStream(stream);
      text += input.readBytes(count);
    },
    onStopRequest(_request, code) {
      Components.isSuccessCode(code) ? resolve(text) : reject(new Error("stream " + code));
    },
    QueryInterface: ChromeUtils.generateQI(["nsIStreamListener", "nsIRequestObserver"]),
  };
  MailServices.messageServiceFromURI(uri).streamMessage(uri, listener, null, null, false, "");
});
told.body = told.body.slice(told.body.indexOf("\r\n\r\n") + 4);

// Marks, a tag, a new mailbox with a Korean name, a move into it, a deletion.
inbox.markMessagesRead([korean], true);
inbox.markMessagesFlagged([korean], true);
inbox.addKeywordsToMessages([korean], "$label1");
root.createSubfolder("한글 보관", null);
const kept = await until("the new mailbox", () => [...root.subFolders].find((one) => one.name === "한글 보관"));
const moved = copied();
MailServices.copy.copyMessages(inbox, [korean], kept, true, moved, null, false);
await moved.done;
const gone = copied();
inbox.deleteMessages([messages().find((one) => one.messageId === "two@b.example")], null, false, false, gone, false);
await gone.done;
// Thunderbird makes the header first and writes its keywords a while later.
told.kept = await until("the moved message and its tag", () => {
  const found = [...kept.msgDatabase.enumerateMessages()];
  return found.some((one) => one.getStringProperty("keywords")) && found.map((one) => [one.messageId, one.isRead, one.isFlagged, one.getStringProperty("keywords")]);
});

return told;
