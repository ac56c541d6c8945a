/** Shapes of the admin API. Made by tools/gen_api_ts.py; do not edit. */

/** The absence of an account. `until` null: open end; `shut`: logins are refused; `answer` "": the default reply. */
export interface Absence {
  accountId: string;
  kind: 'leave' | 'secondment';
  since: string;
  until: string | null;
  mail: 'answer' | 'forward' | 'keep';
  substitute: string | null;
  shut: boolean;
  answer: string;
  place: string;
  reason: string;
  author: string;
  address?: string;
}

/** An absence to set. Mail is always kept. `until`: end without further action; `at`: from that day instead of now. */
export interface AbsenceUpdate {
  kind: 'leave' | 'secondment';
  until?: string | null;
  mail?: 'answer' | 'forward' | 'keep';
  substitute?: string | null;
  shut?: boolean;
  answer?: string;
  place?: string;
  reason?: string;
  at?: string | null;
}

/** The decision about a login, with its reasons. */
export interface AccessDecision {
  action: string;
  reason: string;
  country: string;
  place: string;
  epoch: number;
  rules: AccessDecisionRule[];
}

/** An access rule that covers the account, and whether it applies. */
export interface AccessDecisionRule {
  rule: AccessRule;
  why: string;
}

/** An access to an account's messages by another account. `object`: which messages (`ids`, `count`). */
export interface AccessRecord {
  id: string;
  at: string;
  actor: string;
  accountId: string | null;
  action: string;
  object: string;
  address: string | null;
  country: string;
  door: string;
}

/** A monthly access review. `reviewerId` null: not assigned. */
export interface AccessReview {
  month: string;
  madeAt: string;
  dueAt: string;
  reviewerId: string | null;
  signedAt: string | null;
  signedById: string | null;
  overdueToldAt: string | null;
}

/** The reviewer. */
export interface AccessReviewAssignRequest {
  accountId: string;
}

/** A review with its findings and the reviewer's comment. */
export interface AccessReviewDetail {
  review: AccessReview;
  records: number;
  findings: AccessReviewFinding[];
  comment: string;
}

/** A number: the total, and its largest parts (name and number). */
export interface AccessReviewFinding {
  name: string;
  total: number;
  top: [string, number][];
}

/** What was examined and found. */
export interface AccessReviewSignRequest {
  comment: string;
}

/** An access rule: from where, when and by which access protocol accounts may log in. */
export interface AccessRule {
  id: string;
  scope: string;
  action: string;
  mode: string;
  countries: string[];
  channels: string[];
  networks: string[];
  window: AccessWindow | null;
  condition: object | null;
  private: boolean;
  unknown: string;
  locked: boolean;
  authority: string | null;
  validFrom: string | null;
  validUntil: string | null;
}

/** An access rule. `channels` empty: all; `networks` are always allowed; `unknown`: action if a rule about countries meets an unknown one, at most as strict as the rule itself; `authority`: the level that grants an exception. */
export interface AccessRuleCreate {
  scope: string;
  action?: 'allow' | 'deny' | 'notify' | 'second_factor';
  mode?: 'anywhere' | 'outside' | 'within';
  countries?: string[];
  networks?: string[];
  channels?: ('admin' | 'dav' | 'imap' | 'jmap' | 'links' | 'pop3' | 'push' | 'sieve' | 'smtp' | 'web')[];
  window?: AccessWindowCreate | null;
  condition?: object | null;
  private?: boolean;
  unknown?: 'allow' | 'deny' | 'notify' | 'second_factor';
  locked?: boolean;
  authority?: 'account' | 'department' | 'domain' | 'group' | 'organization' | 'system' | null;
  validFrom?: string | null;
  validUntil?: string | null;
}

/** A past login that a rule would decide differently. */
export interface AccessRuleDryRunLogin {
  login: string;
  at: string;
  door: string;
  address: string;
  before: string;
  after: string;
}

/** Why a rule is to be ended. */
export interface AccessRuleEndRequest {
  reason?: string;
}

/** An access rule with a reason, for approval and audit. */
export interface AccessRuleProposeRequest {
  scope: string;
  action?: 'allow' | 'deny' | 'notify' | 'second_factor';
  mode?: 'anywhere' | 'outside' | 'within';
  countries?: string[];
  networks?: string[];
  channels?: ('admin' | 'dav' | 'imap' | 'jmap' | 'links' | 'pop3' | 'push' | 'sieve' | 'smtp' | 'web')[];
  window?: AccessWindowCreate | null;
  condition?: object | null;
  private?: boolean;
  unknown?: 'allow' | 'deny' | 'notify' | 'second_factor';
  locked?: boolean;
  authority?: 'account' | 'department' | 'domain' | 'group' | 'organization' | 'system' | null;
  validFrom?: string | null;
  validUntil?: string | null;
  reason?: string;
}

/** Hours and days (none: every day). `until` is exclusive; `zone` in minutes east of UTC. */
export interface AccessWindow {
  since: string;
  until: string;
  days: string[];
  zone: number;
}

/** Hours and days; with `until` not after `since` the window crosses midnight. */
export interface AccessWindowCreate {
  since: string;
  until: string;
  days?: ('fri' | 'mon' | 'sat' | 'sun' | 'thu' | 'tue' | 'wed')[];
  zone?: number;
}

/** An account. `quota` null: unlimited. Sizes in bytes. */
export interface Account {
  id: string;
  organizationId: string;
  kind: string;
  state: string;
  address: string;
  name: string;
  language: string;
  department: string;
  title: string;
  administrator: boolean;
  quota: number | null;
  used: number;
  messages: number;
  factors?: string[] | null;
}

/** An address of an account. */
export interface AccountAddress {
  address: string;
}

/** An additional address for the account. */
export interface AccountAddressCreate {
  address: string;
}

/** How many accounts fit, and how many the caller sees at all. */
export interface AccountCount {
  found: number;
  total: number;
}

/** An account to create; without a name the part before the @ is its name. Without a password it can be used only after a setup link was opened. Nobody signs in as a shared account or a resource (a room, a thing). */
export interface AccountCreate {
  address: string;
  name?: string;
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant' | '';
  department?: string;
  title?: string;
  kind?: 'person' | 'resource' | 'shared';
  quota?: number | null;
  password?: string | null;
}

/** The second factors of an account and the number of unused recovery codes. */
export interface AccountFactors {
  factors: Factor[];
  recoveryCodes: number;
}

/** A group that an account is a member of. */
export interface AccountGroup {
  id: string;
  name: string;
}

/** When a person leaves; the account can then neither log in nor receive mail. */
export interface AccountLeaveRequest {
  at: string;
}

/** How a leaver returns. `login` "": the previous one; `name` is required if the data of the old account were destroyed. */
export interface AccountRehireRequest {
  login?: string | '';
  name?: string | '';
  employeeNumber?: string;
  at?: string | null;
}

/** A new login; the old one remains an address for `months`. */
export interface AccountRenameRequest {
  login: string;
  months?: number;
  at?: string | null;
}

/** Why a leaver is restored. */
export interface AccountRestoreRequest {
  reason?: string;
}

/** When the person returns; null: now. */
export interface AccountReturnRequest {
  at?: string | null;
}

/** The new state of the account, and why. */
export interface AccountStateUpdate {
  state: 'active' | 'dormant' | 'pending' | 'suspended';
  reason?: string;
}

/** A login in another organization of the installation; old addresses are forwarded for `months`. `mailbox`: move the messages, too. */
export interface AccountTransferRequest {
  login: string;
  months?: number;
  mailbox?: boolean;
  at?: string | null;
}

/** A merge patch (RFC 7396): absent fields are unchanged; `quota` null removes the limit. */
export interface AccountUpdate {
  quota?: number | null;
  state?: 'active' | 'closed';
}

/** The account at a certificate authority; `directory` "" if there is none. */
export interface AcmeAccount {
  directory: string;
  contact: string;
  url: string;
}

/** An account to create, which accepts the terms of the authority. `keyId`, `macKey`: external account binding. */
export interface AcmeAccountCreate {
  directory: string;
  contact?: string;
  keyId?: string;
  macKey?: string;
}

/** Names whose certificate is issued and renewed automatically. `error`: last error of the authority, "" for none. */
export interface AcmeCertificate {
  name: string;
  names: string[];
  failures: number;
  nextAt: string | null;
  error: string;
}

/** Names of one certificate. */
export interface AcmeCertificateCreate {
  names: string[];
}

/** An address and its new one. */
export interface AddressMapping {
  address: string;
  becomes: string;
}

/** An alias or a distribution list. */
export interface AddressResult {
  kind: 'alias' | 'list';
  address: string;
}

/** An alarm. `value` and `peak` (the worst) in `unit`; `subject` "": the whole installation; `endedAt` null: still active. */
export interface Alarm {
  id: string;
  condition: string;
  subject: string;
  level: 'critical' | 'warning';
  value: number;
  peak: number;
  unit: string;
  since: string;
  toldAt: string | null;
  acknowledgedAt: string | null;
  acknowledgedBy: string;
  endedAt: string | null;
}

/** Additional channel for alarms: `host` is a relay that takes those about the queue past the queue ("": none), to the addresses `to` (default: the administrators). */
export interface AlarmChannels {
  host: string;
  port: number;
  tls: 'none' | 'starttls' | 'tls';
  to: string[];
}

/** The relay for alarms about the queue; `host` "" removes it. */
export interface AlarmChannelsUpdate {
  host?: string;
  port?: number;
  tls?: 'none' | 'starttls' | 'tls';
  to?: string[];
}

/** An alarm rule with its bounds. `direction`: whether values above or below are bad. `silentUntil`: end of the silence, until which nobody is notified. */
export interface AlarmRule {
  name: string;
  unit: string;
  direction: 'above' | 'below';
  warning: number;
  critical: number;
  quietMinutes: number;
  enabled: boolean;
  silentUntil: string | null;
}

/** Changed fields of an alarm rule; null: unchanged. A `silentUntil` in the past ends the silence. */
export interface AlarmRuleUpdate {
  warning?: number | null;
  critical?: number | null;
  quietMinutes?: number | null;
  enabled?: boolean | null;
  silentUntil?: string | null;
}

/** Channel to test: mail to the administrators, or the relay. */
export interface AlarmTestRequest {
  way?: 'mail' | 'relay';
}

/** Number of recipients notified. */
export interface AlarmTestResult {
  readers: number;
}

/** An alias with its targets; lists show them to who may read the domains. */
export interface Alias {
  address: string;
  targets: string[];
}

/** The targets of an alias. */
export interface AliasUpdate {
  targets: string[];
}

/** An API key. `secret` is returned only once, when it is created. */
export interface ApiKey {
  id: string;
  accountId: string;
  label: string;
  permissions: string[];
  networks: string[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  address?: string;
  secret?: string;
}

/** An API key to create, with a subset of the own permissions, for at most a year. */
export interface ApiKeyCreate {
  label: string;
  permissions: ('access.change' | 'access.read' | 'account.change' | 'account.read' | 'account.secrets' | 'account.sessions' | 'approval.decide' | 'audit.export' | 'audit.read' | 'backup.read' | 'backup.restore' | 'backup.run' | 'bulletin.change' | 'bulletin.read' | 'case.change' | 'case.read' | 'certificate.change' | 'certificate.read' | 'company.change' | 'defence.change' | 'defence.read' | 'destruction.read' | 'destruction.run' | 'domain.change' | 'domain.read' | 'export.run' | 'group.change' | 'group.read' | 'hold.change' | 'hold.read' | 'import.run' | 'investigation.run' | 'key.change' | 'key.read' | 'leak.change' | 'leak.read' | 'leak.unmask' | 'message.open' | 'message.read' | 'node.change' | 'node.read' | 'organization.change' | 'organization.read' | 'pass.decide' | 'policy.change' | 'policy.read' | 'quarantine.change' | 'quarantine.read' | 'queue.change' | 'queue.read' | 'report.change' | 'report.read' | 'review.sign' | 'role.change' | 'role.read' | 'siem.change' | 'siem.read' | 'signing.change' | 'signing.read' | 'spam.change' | 'spam.read' | 'trace.read' | 'webhook.change' | 'webhook.read')[];
  expiresAt: string;
  networks?: string[];
}

/** The appearance of a domain. `logo`: PNG in base64, "" for none; colours as in CSS, adjusted for contrast. */
export interface Appearance {
  domain: string;
  name: string;
  hue: number | null;
  logo: string;
  light: Record<string, string>;
  dark: Record<string, string>;
  changedAt: string;
}

/** An appearance: what is absent stays as it was. `hue` null: the default colour; `logo` null: unchanged. */
export interface AppearanceUpdate {
  domain?: string;
  name?: string;
  hue?: number | null;
  logo?: string | null;
}

/** A pending approval. `subject`: the list or other object; `subjectText`: the subject of the message. `state` held: no approver was found. `step` counts from 0 in the approval line `line`; `findings` are masked. */
export interface Approval {
  id: string;
  kind: string;
  subject: string;
  state: string;
  askedAt: string;
  expiresAt: string;
  accountId: string | null;
  sender: string | null;
  subjectText: string | null;
  recipients: number;
  size: number;
  reason: string;
  line: string;
  step: number;
  findings: string[];
}

/** The decision. */
export interface ApprovalDecision {
  approve: boolean;
  note?: string;
}

/** The decision of another system. `system`: the name in the step; `document`: the number of its document. */
export interface ApprovalDocument {
  approve: boolean;
  system: string;
  document: string;
  note?: string;
}

/** An approval line. `steps` in words; `afterwards`: mail is sent first and reviewed later. */
export interface ApprovalLine {
  id: string;
  name: string;
  steps: string[];
  afterwards: boolean;
  clock: boolean;
  hideSubject: boolean;
  createdAt: string;
  endedAt: string | null;
}

/** A person who would decide. `others`: accounts that may decide for them now, as deputies or while they are away. */
export interface ApprovalLineApprover {
  accountId: string;
  others: string[];
}

/** An approval line; it replaces the one of its name, which goes on for what was asked before. A step is WHO, then `need=any|all|N`, `escalate=HOURS`, `decide=HOURS`, `end=approve|reject|keep`, `to=WHO`. WHO is `manager`, `manager:LEVELS`, `manager:LEVELS:DUTY`, `post:ADDRESS`, `people:ADDRESS,ADDRESS`, `group:ID`, `administrators` or `system:NAME`. `clock`: hours count at night and on holidays. `hideSubject`: notices to approvers do not show the subject. */
export interface ApprovalLineCreate {
  name: string;
  steps: string[];
  afterwards?: boolean;
  clock?: boolean;
  hideSubject?: boolean;
}

/** A line that need not be kept yet, and a person whose mail it would be about. `steps`: as of an approval line. */
export interface ApprovalLinePreview {
  account: string;
  steps: string[];
  afterwards?: boolean;
}

/** A step of a line for a mail of a person. `needed`: how many have to approve; `held`: there are too few people, so that the mail would wait for an administrator; `above`: to whom it would be escalated. */
export interface ApprovalLineStep {
  step: number;
  needed: number;
  held: boolean;
  approvers: ApprovalLineApprover[];
  above: ApprovalLineApprover[];
}

/** The end of the audit chain, and the key that verifies anchors and exports. */
export interface AuditAnchor {
  seq: number;
  digest: string;
  publicKey: string;
}

/** Which records to export, and why (at least ten characters). A file of JSON lines can be verified. `installation`: records of all organizations and of the installation, for its operators. */
export interface AuditExportRequest {
  reason: string;
  form?: 'csv' | 'jsonl';
  since?: string | null;
  until?: string | null;
  accountId?: string | null;
  actor?: string;
  action?: string;
  address?: string;
  door?: string;
  result?: string;
  country?: string;
  kind?: '' | 'access' | 'admin' | 'login' | 'user';
  installation?: boolean;
}

/** An audit record. `seq`: position in the audit chain, null until it is assigned; `id` never changes; `text`: reason and changes, where they were asked for. */
export interface AuditRecord {
  id: string;
  seq: number | null;
  at: string;
  actor: string;
  action: string;
  object: string;
  address: string;
  kind: string;
  accountId: string | null;
  country: string;
  accessProtocol: string;
  text: object | null;
}

/** A result of SPF, DKIM, DMARC or ARC. */
export interface AuthenticationResult {
  method: string;
  result: string;
}

/** The certificate of an authority. */
export interface AuthorityCertificateUpload {
  file: string;
}

/** A finished backup. `whole` false: blobs were missing, or its manifest cannot be read. */
export interface Backup {
  id: string;
  takenAt: string;
  accounts: number;
  messages: number;
  rowOctets: number;
  missing: number;
  whole: boolean;
}

/** Why the backup is made now. */
export interface BackupCreate {
  reason?: string;
}

/** A problem. */
export interface BackupFinding {
  trouble: string;
  object: string;
  meaning: string;
}

/** A run: a backup, its verification, a restore test, a restore. `facts`: counters, without content. */
export interface BackupRun {
  id: string;
  kind: string;
  state: string;
  backup: string;
  begunAt: string;
  endedAt: string | null;
  facts: object;
}

/** Location and time of backups. `source`: `file` (the node file), `set` (set here), `none`. `hour` in UTC, -1: only by hand; `rate` in bytes per second, 0: unlimited; `rehearseDays` 0: no automatic restore test. */
export interface BackupSchedule {
  source: string;
  place: string;
  directory: string;
  bucket: string;
  endpoint: string;
  region: string;
  prefix: string;
  accessKey: string;
  hour: number;
  keepDays: number;
  keepWeeks: number;
  keepMonths: number;
  rate: number;
  rehearseDays: number;
}

/** The complete schedule: a directory or a bucket. `secretKey` "" keeps the one of the same endpoint, bucket and user. */
export interface BackupScheduleUpdate {
  directory?: string;
  bucket?: string;
  endpoint?: string;
  region?: string;
  prefix?: string;
  accessKey?: string;
  secretKey?: string;
  hour?: number;
  keepDays?: number;
  keepWeeks?: number;
  keepMonths?: number;
  rate?: number;
  rehearseDays?: number;
}

/** Whether the backups are reliable. `rehearsal`: the last restore test, whatever its result. */
export interface BackupStatus {
  green: boolean;
  place: string;
  backupAt: string | null;
  rehearsalAt: string | null;
  findings: BackupFinding[];
  rehearsal: BackupRun | null;
}

/** A network whose connections are refused. `evidence`: counters; `note`: why, where a person made it. */
export interface Ban {
  id: string;
  network: string;
  reason: string;
  evidence: Record<string, number>;
  since: string;
  until: string;
  by: string;
  releasedAt: string | null;
  note: string;
}

/** A network to ban until a time. */
export interface BanCreate {
  network: string;
  until: string;
  note?: string;
}

/** A network that is never banned, until a time. `note`: why. */
export interface BanException {
  subject: string;
  kind: string;
  since: string;
  until: string;
  by: string;
  note: string;
}

/** A network never to ban until a time; `partner`: its mail is not greylisted either. */
export interface BanExceptionCreate {
  network: string;
  until: string;
  partner?: boolean;
  note?: string;
}

/** The logo of a domain (BIMI): owner and issuer, or `reason` why there is none; cached until `until`. Only domains that have sent mail to the organization have one. `standing` of the certificate: good, unknown (revocation could not be checked), none (no revocation source), "" (not checked). */
export interface BrandLogo {
  domain: string;
  kind: string;
  owner: string;
  issuer: string;
  size: number;
  reason: string;
  until: string;
  standing?: string;
}

/** A break-glass access: for whom, by whom, by which access protocol and from where. `reason` null: not visible to this role. */
export interface BreakGlassAccess {
  id: string;
  accountId: string;
  address: string;
  state: string;
  openedBy: string;
  door: string;
  fromAddress: string | null;
  openedAt: string;
  endsAt: string;
  reason: string | null;
}

/** When the access ends. */
export interface BreakGlassEnd {
  until: string;
}

/** Duration and reason; the reason is kept encrypted in the audit log. */
export interface BreakGlassRequest {
  minutes: number;
  reason: string;
}

/** A bulletin. `placeName`: its audience in words; `by`: the author; `shown`: whether it is shown now. */
export interface Bulletin {
  id: string;
  title: string;
  body: string;
  place: string;
  placeName: string;
  shownFrom: string;
  shownUntil: string;
  shown: boolean;
  pinned: boolean;
  popup: boolean;
  mustRead: boolean;
  atSignIn: boolean;
  by: string;
  changedAt: string;
}

/** A bulletin to publish. `pinned`: above the message list; `popup`: opens once for each person; `mustRead`: stays until the person confirms that they have read it. `atSignIn`: the sign-in page shows it too, to everybody who opens it (of a company or a domain only). */
export interface BulletinCreate {
  title: string;
  place: string;
  shownFrom: string;
  shownUntil: string;
  body?: string;
  pinned?: boolean;
  popup?: boolean;
  mustRead?: boolean;
  atSignIn?: boolean;
}

/** Why the table of people who have not read it is exported (at least ten characters). */
export interface BulletinExportRequest {
  reason: string;
}

/** A person of the audience; `readAt` null: not read. */
export interface BulletinReader {
  accountId: string;
  address: string;
  name: string;
  department: string;
  readAt: string | null;
}

/** A merge patch (RFC 7396). `showAgain`: show it to everyone again and reset who has read it. */
export interface BulletinUpdate {
  title?: string;
  body?: string;
  place?: string;
  shownFrom?: string;
  shownUntil?: string;
  pinned?: boolean;
  popup?: boolean;
  mustRead?: boolean;
  atSignIn?: boolean;
  showAgain?: boolean;
}

/** Why the message is opened. */
export interface CaseAccessRequest {
  reason: string;
}

/** An action taken in the case. */
export interface CaseAction {
  at: string;
  actor: string;
  action: string;
}

/** Evidence without the text of the message. Lists cover all reports; header, hops and files are of the first one. */
export interface CaseEvidence {
  headers: HeaderField[];
  hops: MessageHop[];
  proofs: AuthenticationResult[];
  reasons: VerdictReason[];
  nature: string;
  country: string;
  senders: string[];
  messageIds: string[];
  hosts: string[];
  urls: string[];
  addresses: string[];
  files: EvidenceFile[];
  octets: number;
  sha256: string;
  reports: CaseReport[];
  done: CaseAction[];
}

/** The message as plain text. */
export interface CaseMessage {
  text: string;
}

/** An account that has messages of the case. */
export interface CaseRecipient {
  accountId: string;
  messages: number;
}

/** Recipients of a case; `accounts` and `messages` are totals, `people` are the first thousand. */
export interface CaseRecipients {
  accounts: number;
  messages: number;
  people: CaseRecipient[];
}

/** A report, with the account that made it. */
export interface CaseReport {
  accountId: string;
  at: string;
}

/** A certificate that listeners present. */
export interface Certificate {
  id: string;
  names: string[];
  issuer: string;
  since: string;
  until: string;
  source: string;
}

/** A chain and its key as PEM, or both in one PKCS #12 file (base64) without `key`. */
export interface CertificateCreate {
  file: string;
  key?: string;
  password?: string;
}

/** How a family of certificates is accepted. `policies` empty: all. */
export interface CertificateFamilyRule {
  domain: string;
  family: string;
  enabled: boolean;
  policies: string[];
  identity: boolean;
  rebind: boolean;
}

/** How a family is accepted; what is left out stays as it is. `policies`: policy names that count (`1.2.3.*`: a branch; `*`, or none: all); `identity`: identity proof is required; `rebind`: a renewed certificate replaces the old one. */
export interface CertificateFamilyRuleUpdate {
  family: 'gpki' | 'npki' | 'other';
  domain?: string;
  enabled?: boolean | null;
  policies?: string[] | null;
  identity?: boolean | null;
  rebind?: boolean | null;
}

/** A question that must be answered by one of `kinds` before it expires. */
export interface Challenge {
  challenge: string;
  kinds: string[];
  expiresAt: string;
}

/** Data that a page needs to answer a challenge; the content depends on the kind. */
export interface ChallengePrompt {
  shown: object;
}

/** A challenge and the kind by which it is to be answered. */
export interface ChallengeRequest {
  challenge: string;
  kind: string;
}

/** The answer to a challenge. `response` depends on the kind: {"password": …}, {"code": …}. */
export interface ChallengeResponse {
  challenge: string;
  kind: string;
  response: object;
}

/** Number of accounts that were open. */
export interface CloseResult {
  accounts: number;
}

/** A collector of audit records (SIEM). `kinds` empty: all; `installation`: of all organizations; `waiting`: records that it does not have yet. */
export interface Collector {
  name: string;
  format: string;
  host: string;
  port: number;
  kinds: string[];
  confirm: string;
  state: string;
  createdAt: string;
  installation: boolean;
  waiting: number;
}

/** A collector to add; `authority`: PEM of the authority that must have issued its certificate. `installation`: it gets the records of all organizations and of the installation itself. */
export interface CollectorCreate {
  name: string;
  host: string;
  port?: number;
  format?: 'cef' | 'json' | 'rfc5424';
  kinds?: string[];
  authority?: string;
  confirm?: 'close' | 'sent';
  installation?: boolean;
}

/** Resume or pause sending. */
export interface CollectorUpdate {
  state: 'off' | 'on';
}

/** An organization with its state and domains. */
export interface Company {
  id: string;
  name: string;
  state: string;
  domains: string[];
}

/** An organization to create. `local`: the part before the @ of its first administrator's address; `person`: their name. */
export interface CompanyCreate {
  name: string;
  domain: string;
  local: string;
  person: string;
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant' | '';
}

/** The organization, its administrator's address, and a link (valid for 24 hours, once) that sets the first password. */
export interface CompanyCreated {
  id: string;
  name: string;
  login: string;
  token: string;
  url: string;
}

/** Who accepted which version, when and from where. */
export interface Consent {
  login: string;
  name: string;
  version: number;
  at: string;
  address: string | null;
}

/** A version of a consent text in one language. */
export interface ConsentText {
  name: string;
  version: number;
  language: string;
  text: string;
  at: string;
}

/** The next version of a text, by language; everyone must accept it again. */
export interface ConsentTextCreate {
  name: string;
  texts: Record<string, string>;
}

/** The number of a version. */
export interface ConsentTextVersion {
  version: number;
}

/** Permission of two persons to read an account's messages until a time. */
export interface ContentAccess {
  id: string;
  accountId: string;
  address: string;
  isOpen: boolean;
  proposedBy: string;
  confirmedBy: string;
  begunAt: string;
  until: string;
  reason: string;
}

/** The duration from the approval on, and the reason. */
export interface ContentAccessCreate {
  minutes: number;
  reason: string;
}

/** A counter of one minute. */
export interface CounterValue {
  name: string;
  label: string;
  value: number;
}

/** The id of the created object. */
export interface CreatedId {
  id: string;
}

/** A credential, without its secret. */
export interface Credential {
  id: string;
  kind: string;
  label: string;
  createdAt: string;
  expiresAt: string | null;
  doors: string[];
  scopes: string[];
  networks: string[];
  lastUsedAt: string | null;
  lastUsedProtocol: string;
  lastUsedAddress: string;
  lastUsedCountry: string;
}

/** The administrator who is signed in, with their permissions. `owes`: required steps that are not done yet. */
export interface CurrentSession {
  accountId: string;
  organizationId: string;
  address: string;
  owes: string[];
  holdings: ScopedPermissions[];
}

/** The database. `spare`: unused bytes inside; `log` and `disk` null: known only to its own host; `stepwise`: incremental vacuum is available; `needed`: free bytes that a compaction needs; `measuredAt`: when the tables were measured. */
export interface Database {
  engine: 'postgres' | 'sqlite';
  version: string;
  octets: number;
  spare: number;
  log: number | null;
  disk: number | null;
  stepwise: boolean;
  needed: number;
  fits: boolean;
  measuredAt: string | null;
  tables: DatabaseTable[];
  done: MaintenanceRun[];
  backupAt: string | null;
}

/** A table with its indexes; `rows` as estimated by the database. */
export interface DatabaseTable {
  name: string;
  rows: number;
  octets: number;
}

/** A setting of defence and its value. */
export interface DefenceSetting {
  name: string;
  value: unknown;
}

/** The new value, as text. */
export interface DefenceSettingUpdate {
  value: string;
}

/** A message that can be brought back until `until`. `reason`: how it went. Sender and subject "": not shown to this role. */
export interface DeletedMessage {
  id: string;
  sender: string;
  subject: string;
  size: number;
  reason: string;
  deletedAt: string;
  until: string;
}

/** Which messages to bring back, and why; the reason is kept with the record. */
export interface DeletedMessageRestore {
  ids: string[];
  reason: string;
}

/** How many came back; the rest were gone for good, or back already. */
export interface DeletedMessagesRestored {
  restored: number;
}

/** The last reply for a recipient; `code` 0: no reply. `text` null: not visible to this role. */
export interface DeliveryReply {
  code: number;
  enhanced: string;
  text: string | null;
  host: string;
  at: string | null;
}

/** A department. */
export interface Department {
  id: string;
  code: string;
  name: string;
  parentId: string;
  position: number;
}

/** A department to create; without a code its name is the code. */
export interface DepartmentCreate {
  name: string;
  code?: string;
  parentId?: string;
  position?: number;
}

/** The address of the distribution list. */
export interface DepartmentListAddress {
  address: string;
}

/** An address that delivers to the people of the department. */
export interface DepartmentListCreate {
  address: string;
  below?: boolean;
  post?: 'anyone' | 'inside' | 'members' | 'moderators';
}

/** A merge patch (RFC 7396); another parent moves it with all departments below it. */
export interface DepartmentUpdate {
  name?: string;
  parentId?: string;
  position?: number;
}

/** Limits of a destination: a domain, a `.suffix` of its hosts, or `*`. `perMinute` 0: unlimited. */
export interface DestinationLimit {
  connections: number;
  perMinute: number;
  source: string;
}

/** Limits to set. */
export interface DestinationLimitUpdate {
  connections?: number;
  perMinute?: number;
  source?: string;
}

/** A certificate of destruction (파기 확인서) in the reader's language. */
export interface DestructionCertificate {
  language: string;
  title: string;
  lines: DestructionCertificateLine[];
  closing: string;
}

/** A line of a certificate. */
export interface DestructionCertificateLine {
  label: string;
  value: string;
}

/** What would be destroyed, and what prevents it: accounts under legal hold, accounts that are not closed. */
export interface DestructionDryRun {
  accounts: number;
  messages: number;
  octets: number;
  held: string[];
  open: string[];
  isClosed: boolean;
}

/** An entry of the destruction register (파기 대장). `name`, `login`: of the person, while the organization's key exists. */
export interface DestructionRecord {
  id: string;
  at: string;
  kind: string;
  subject: string;
  login: string;
  name: string;
  ground: string;
  reason: string;
  actor: string;
  consent: string;
  method: string;
  counts: Record<string, number>;
  keys: string[];
}

/** The legal ground on which the data of a closed account are destroyed, and the reason. */
export interface DestructionRequest {
  ground: string;
  reason: string;
}

/** A distribution list. */
export interface DistributionList {
  address: string;
  name: string;
  owners: string[];
  moderators: string[];
  post: string;
  moderation: string;
  replyTo: string;
  prefix: string;
  maxOctets: number;
  attachments: boolean;
  unsubscribe: boolean;
  rewriting: string;
  notice: boolean;
}

/** A distribution list to create. */
export interface DistributionListCreate {
  address: string;
  name: string;
  owners: string[];
  post?: 'anyone' | 'inside' | 'members' | 'moderators';
}

/** A member of a list: an address, or the id of a group or department. */
export interface DistributionListMember {
  address: string;
  group: number;
  department: number;
}

/** A merge patch (RFC 7396). */
export interface DistributionListUpdate {
  name?: string;
  owners?: string[];
  moderators?: string[];
  post?: 'anyone' | 'inside' | 'members' | 'moderators';
  moderation?: 'all' | 'never' | 'strangers';
  replyTo?: 'author' | 'list';
  prefix?: string;
  maxOctets?: number;
  attachments?: boolean;
  unsubscribe?: boolean;
  rewriting?: 'always' | 'dmarc' | 'never';
  notice?: boolean;
}

/** Messages that an address sent in the domain's name. */
export interface DmarcSource {
  source: string;
  dkim: string;
  spf: string;
  disposition: string;
  messages: number;
}

/** A record to publish, or (host, reverse) a check of the mail host. `state`: published, missing, different, unanswered (no reply), unasked (not checked). */
export interface DnsRecord {
  purpose: string;
  name: string;
  kind: string;
  text: string;
  state: string;
}

/** A domain whose mail an organization receives. `dns`: the last check of its DNS records: unchecked, complete, incomplete (`lacking`: purposes whose records are missing or different), unanswered. `checkedAt` null: never. */
export interface Domain {
  name: string;
  organizationId: string;
  state: string;
  dns: string;
  lacking: string[];
  checkedAt: string | null;
}

/** A domain whose ownership is not verified yet. Publish the TXT record `record` with the value `text`, then verify. */
export interface DomainClaim {
  name: string;
  claimedAt: string;
  record: string;
  text: string;
}

/** A domain that the organization is to verify, also where the caller could add it at once. */
export interface DomainClaimCreate {
  name: string;
}

/** A domain to receive mail for. */
export interface DomainCreate {
  name: string;
}

/** Effect of renaming a domain. `clashes`: names that exist in the target; `moves`: lists and aliases; `proposalId`: waits for approval. */
export interface DomainRename {
  accounts: number;
  done: number;
  clashes: AddressMapping[];
  moves: AddressMapping[];
  proposalId?: string | null;
}

/** Rename all accounts, lists and aliases of a domain into another domain of the organization. Without `apply` a dry run. */
export interface DomainRenameRequest {
  domain: string;
  months?: number;
  apply?: boolean;
  reason?: string;
}

/** Reports of other systems: DMARC (RFC 9990) by source, TLS (RFC 8460) by failure. */
export interface DomainReports {
  dmarcReports: number;
  tlsReports: number;
  reporters: string[];
  sources: DmarcSource[];
  sealedSessions: number;
  failedSessions: number;
  failures: TlsFailure[];
}

/** Routing of a domain. `aliasOf`: the domain is an alias of another one; `smarthost`: relay for its outgoing mail. */
export interface DomainRoute {
  domain: string;
  aliasOf: string;
  subaddress: boolean;
  relay: MailSystem | null;
  other: MailSystem | null;
  smarthost: Smarthost | null;
  journal: string;
}

/** A merge patch (RFC 7396): absent fields are unchanged, null removes. */
export interface DomainRouteUpdate {
  aliasOf?: string | null;
  subaddress?: boolean;
  relay?: MailSystemCreate | null;
  other?: MailSystemCreate | null;
  smarthost?: SmarthostCreate | null;
}

/** The effective value of a knob for an account, and the scope of the rule that sets it ("": default). */
export interface EffectiveKnob {
  knob: string;
  value: unknown;
  level: string;
  scope: string;
}

/** A changed value for an account. */
export interface EffectiveValueChange {
  accountId: string;
  login: string;
  knob: string;
  before: unknown;
  after: unknown;
}

/** Encryption of stored messages: the master key and since when it is in use (null: always), and the cipher suite of new ones. */
export interface Encryption {
  masterKey: string;
  since: string | null;
  suite: 'AES-256-GCM' | 'ChaCha20-Poly1305';
}

/** Number of sessions that were ended. */
export interface EndedSessions {
  ended: number;
}

/** An attachment; `sha256` "" if it was too large to be read completely. */
export interface EvidenceFile {
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
}

/** What is exported, and why (at least ten characters). */
export interface ExportCreate {
  reason: string;
  kind?: 'aliases' | 'departments' | 'domains' | 'groups' | 'lists' | 'people' | 'shared';
}

/** A table in base64: CSV in UTF-8 with byte order mark. */
export interface ExportFile {
  kind: string;
  rows: number;
  content: string;
}

/** Whether the later end date is granted. */
export interface ExtensionDecision {
  granted: boolean;
}

/** A later end date, and why. */
export interface ExtensionRequest {
  until: string;
  reason: string;
}

/** An enrolled second factor. */
export interface Factor {
  id: string;
  kind: string;
  label: string;
  createdAt: string;
  lastUsedAt: string | null;
}

/** The answer that completes an enrolment. `response` depends on the kind: {"code": …}. */
export interface FactorConfirmRequest {
  challenge: string;
  kind: 'passkey' | 'totp';
  label: string;
  response: object;
}

/** A second factor to enrol; the password is asked again. */
export interface FactorEnrollRequest {
  kind: 'passkey' | 'totp';
  password: string;
}

/** The enrolled factor; with the first one also the recovery codes, which are returned only once. */
export interface FactorEnrolled {
  factor: OwnFactor;
  recovery: string[];
}

/** Data for the enrolment: for an authenticator app the secret and a QR code. */
export interface FactorPrompt {
  challenge: string;
  shown: object;
}

/** Why the second factors of an account are removed. */
export interface FactorResetRequest {
  reason: string;
}

/** Result of the first message. `state`: queued, delivered, failed; `inbox`: messages in the sender's inbox. */
export interface FirstMail {
  id: string;
  to: string;
  state: string;
  reply: string;
  inbox: number;
}

/** A message from the administrator, sent like any other message. */
export interface FirstMailCreate {
  to: string;
  subject: string;
  text: string;
}

/** Where an address is, null where it is not known. `inside`: of a private network. */
export interface GeoPlace {
  address: string;
  country: string | null;
  asn: number | null;
  inside: boolean;
}

/** A table of addresses and countries in use. `version` 0: it came with the program. */
export interface GeoTable {
  kind: string;
  source: string;
  licence: string;
  date: string;
  ranges: number;
  version: number;
}

/** A file in base64: CSV (first,last,value or network,value), MMDB, or the own format. `kind` null: taken from the file. */
export interface GeoTableUpload {
  content: string;
  kind?: 'asn' | 'country' | null;
  source?: string;
  licence?: string;
  date?: string;
}

/** A group. */
export interface Group {
  id: string;
  organizationId: string;
  name: string;
  priority: number;
}

/** A group to create. */
export interface GroupCreate {
  name: string;
  priority?: number;
}

/** An account in a group. */
export interface GroupMember {
  accountId: string;
  address: string;
  name: string;
}

/** A group. */
export interface GroupResult {
  id: string;
  name: string;
}

/** A merge patch (RFC 7396). */
export interface GroupUpdate {
  name?: string;
  priority?: number;
}

/** A field of the header. */
export interface HeaderField {
  name: string;
  value: string;
}

/** What a role permits over a scope, and the fields that it does not show there. */
export interface HeldRole {
  role: string;
  scope: string;
  permissions: string[];
  masks: string[];
}

/** An address of a host name. `names`: what the address claims to be (PTR); `reverse`: whether that is the host name. */
export interface HostAddress {
  address: string;
  names: string[];
  reverse: 'different' | 'matches' | 'missing' | 'unanswered';
}

/** DNS records of a host name, looked up now. */
export interface HostLook {
  name: string;
  state: 'missing' | 'published' | 'unanswered';
  addresses: HostAddress[];
}

/** Host names. `mail`: in SMTP greetings, Received lines and MX records; `app`: the webmail; `admin`: administration; `content`: files and previews, without a session. */
export interface HostNameSet {
  mail: string;
  app: string;
  admin: string;
  content: string;
}

/** The host names of the installation. `serving`: those that this process answers to now; `wanted`: those that were set, followed by every node within seconds; `fixed`: names that the node file of this node sets itself. */
export interface HostNamesInfo {
  serving: HostNameSet;
  wanted: HostNameSet;
  fixed: string[];
}

/** All host names; webmail, administration and files need one each. */
export interface HostNamesUpdate {
  mail: string;
  app: string;
  admin: string;
  content: string;
}

/** An import. `state`: waiting, running, cancelling, cancelled, done, undoing, undone. */
export interface Import {
  id: string;
  kind: string;
  state: string;
  done: number;
  total: number;
  failed: number;
  createdAt: string;
  endedAt: string | null;
}

/** A field that an import would change. `what`: change, rename, close, reopen, away, return; `field` "": the operation says all; `name`: of a person. */
export interface ImportChange {
  what: string;
  line: number;
  key: string;
  name: string;
  field: string;
  old: string;
  new: string;
}

/** A table to import. `sure`: even if more than 5 % of the accounts would be closed; `partly`: skip lines with errors. */
export interface ImportCreate {
  content: string;
  kind?: 'aliases' | 'departments' | 'domains' | 'groups' | 'lists' | 'people' | 'shared';
  encoding?: string;
  columns?: Record<string, string>;
  whole?: boolean;
  domain?: string;
  months?: number;
  newDepartments?: boolean;
  sure?: boolean;
  partly?: boolean;
}

/** An import, its effect, and the task that performs it. */
export interface ImportCreated {
  importId: string;
  report: ImportDryRun;
  job: Task;
}

/** Effect of an import. `counts`: by operation; `spared`: administrators that a complete table does not name; `changes`: the first of `changeCount` fields that it would change in what is there; `newDepartments`: names of those that it would create, from the top down. */
export interface ImportDryRun {
  rows: number;
  counts: Record<string, number>;
  unchanged: number;
  active: number;
  closing: number;
  spared: number;
  needsConsent: boolean;
  columns: Record<string, string>;
  ignored: string[];
  errorCount: number;
  errors: ImportLineError[];
  changeCount: number;
  changes: ImportChange[];
  newDepartments: string[];
}

/** A table to check. `content`: the file in base64; `columns`: header → field ("" skips a column); `whole`: accounts that it does not name are closed; `domain`: for logins without one; `months`: how long old logins remain addresses; `newDepartments`: departments that people name and that do not exist are created. */
export interface ImportDryRunRequest {
  content: string;
  kind?: 'aliases' | 'departments' | 'domains' | 'groups' | 'lists' | 'people' | 'shared';
  encoding?: string;
  columns?: Record<string, string>;
  whole?: boolean;
  domain?: string;
  months?: number;
  newDepartments?: boolean;
}

/** Invitations of an import. */
export interface ImportInvitations {
  items: Invitation[];
}

/** An error in a line and how to correct it, in the reader's language. */
export interface ImportLineError {
  line: number;
  column: string;
  code: string;
  value: string;
  text: string;
}

/** One operation of an import. `ending` "": pending; done, same, failed, undone, left. `reasons` and `facts` as in an error. */
export interface ImportOperation {
  line: number;
  what: string;
  key: string;
  ending: string;
  detail: string;
  reasons: string[];
  facts: Record<string, string | number>;
}

/** Sums of the whole organization: messages from outside, spam, malware, rejected during SMTP. */
export interface InboundTotals {
  incoming: number;
  incomingOctets: number;
  spam: number;
  virus: number;
  rejected: number;
}

/** A period in which access records of two persons are hidden from the owner of an account. */
export interface Investigation {
  id: string;
  accountId: string;
  since: string;
  until: string;
  proposedBy: string;
  confirmedBy: string;
  confirmedAt: string | null;
  reason: string;
}

/** An investigation to propose; another administrator confirms it. */
export interface InvestigationCreate {
  accountId: string;
  until: string;
  reason: string;
}

/** A one-time token with which a new person sets the first password; returned only once. */
export interface Invitation {
  accountId: string;
  login: string;
  name: string;
  token: string;
  url: string;
}

/** Address that receives a copy of every accepted message. `domain` "": of the whole organization. */
export interface Journal {
  domain: string;
  address: string;
}

/** A journal to set. */
export interface JournalUpdate {
  address: string;
  domain?: string;
}

/** A key rotation. `subject`: the organization's name, or the address; `secondsLeft` null: not known yet; `failed`: values that could not be decrypted before; `destroyedAt`: when the previous keys were destroyed (those of organizations are kept). */
export interface KeyRotation {
  id: string;
  scope: 'account' | 'accounts' | 'organization';
  subject: string;
  state: 'announcing' | 'cancelled' | 'done' | 'resealing' | 'switching' | 'withdrawing';
  percent: number;
  changed: number;
  octets: number;
  failed: number;
  secondsLeft: number | null;
  actor: string;
  startedAt: string;
  movedAt: string;
  endedAt: string | null;
  destroyedAt: string | null;
}

/** Whose keys to rotate: those of an organization, of all its accounts, or (by `address`) of one account. `organizationId` "": the own one. */
export interface KeyRotationCreate {
  scope: 'account' | 'accounts' | 'organization';
  reason: string;
  organizationId?: string;
  address?: string;
}

/** Months between automatic rotations, 0: never. `since` null: never set. */
export interface KeySchedule {
  accounts: number;
  organizations: number;
  since: string | null;
}

/** The complete schedule. */
export interface KeyScheduleUpdate {
  accounts: number;
  organizations: number;
}

/** A policy knob. `title` and `help`: its short name and description in the reader's language; `unit`: what its number counts; `zeroIsNone`: 0 is below `least` and may be set all the same; `zero`: what 0 means (null: it cannot be set). */
export interface Knob {
  name: string;
  title: string;
  default: unknown;
  levels: string[];
  help: string;
  kind: 'choice' | 'count' | 'countries' | 'days' | 'flag' | 'names' | 'networks' | 'text';
  choices: string[];
  least: number | null;
  most: number | null;
  zeroIsNone: boolean;
  unit: string | null;
  zero: string | null;
}

/** Why a knob has its value for an account; the rule with the highest precedence comes first. */
export interface KnobExplanation {
  knob: string;
  value: unknown;
  epoch: number;
  rules: KnobExplanationRule[];
}

/** A rule that sets the knob, and whether it applies. */
export interface KnobExplanationRule {
  rule: PolicyRule;
  why: string;
}

/** A policy knob, its short name and its description in the reader's language. */
export interface KnobResult {
  name: string;
  title: string;
  help: string;
}

/** How many of them were new. */
export interface KnownRecipientCount {
  new: number;
}

/** Addresses of people in another mail system, one a line; lines that begin with # are ignored. */
export interface KnownRecipients {
  addresses: string;
}

/** A detector that a condition can name. */
export interface LeakDetector {
  name: string;
}

/** A dry run. `done` of `total` messages; counts grow while it runs and stay when it is stopped. `since`, `until`: the mail of which time; they and `tried` are known when it has begun. `before`, `after`: messages by the action of the rules in force and of those that are tried; `unjudged`: messages by the reason why they could not be judged: gone, damaged, unreadable, shared (sent from a shared mailbox), no-recipient, exit (rules tell ways apart that are not known any more); `unsure`: facts in rules whose values have changed since. */
export interface LeakDryRun {
  id: string;
  state: string;
  done: number;
  total: number;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  cancelling: boolean;
  error: string;
  detail: string;
  since: string | null;
  until: string | null;
  tried: LeakDryRunTried[];
  judged: number;
  newlyStopped: number;
  noLongerStopped: number;
  changed: number;
  before: LeakDryRunCount[];
  after: LeakDryRunCount[];
  rules: LeakDryRunRule[];
  unjudged: LeakDryRunCount[];
  senders: LeakDryRunSender[];
  examples: LeakDryRunExample[];
  unsure: string[];
}

/** How many messages, by an action or a reason. */
export interface LeakDryRunCount {
  name: string;
  messages: number;
}

/** A message whose verdict changes. */
export interface LeakDryRunExample {
  at: string;
  accountId: string;
  before: string;
  after: string;
  rule: string;
  findings: LeakDryRunFinding[];
}

/** A masked finding of an example. */
export interface LeakDryRunFinding {
  detector: string;
  masked: string;
  place: string;
}

/** How many messages a rule matched, by the rules in force and by those that are tried. `id` below 0: it does not exist yet. */
export interface LeakDryRunRule {
  id: string;
  name: string;
  before: number;
  after: number;
}

/** An account whose messages would newly be stopped. */
export interface LeakDryRunSender {
  accountId: string;
  messages: number;
}

/** A dry run over the mail of the last `days`. `begin`: rules that do not exist yet; `on`, `end`: rules in force that would act, or end; `share`: percent of the time in which it works. */
export interface LeakDryRunStart {
  days?: number;
  on?: string[];
  end?: string[];
  begin?: LeakRuleCreate[];
  share?: number;
}

/** A rule that is tried. `change`: begin, on or end; `id` below 0: it does not exist yet. */
export interface LeakDryRunTried {
  change: string;
  id: string;
  name: string;
}

/** A value that a leak rule does not count until a time, masked. `endedAt`: ended before that. */
export interface LeakException {
  id: string;
  rule: string;
  ruleId: string;
  incidentId: string;
  detector: string;
  masked: string;
  at: string;
  until: string;
  by: string;
  comment: string;
  endedAt: string | null;
  endedBy: string;
}

/** The values of a false positive, which a rule does not count until a time within a year, and why. `findings`: which of the incident's findings, counted from 0 (none: all); `rule`: of which rule that matched (none: the one that is named). */
export interface LeakExceptionCreate {
  until: string;
  reason: string;
  findings?: number[];
  rule?: string | null;
}

/** A finding, masked. `place`: subject, body, name:FILE or file:FILE. */
export interface LeakFinding {
  detector: string;
  confidence: string;
  masked: string;
  place: string;
}

/** A message that matched a leak rule, with masked findings. `action`: what was done with it; `ruleId` 0: it could not be inspected; `comment`: what the sender stated. */
export interface LeakIncident {
  id: string;
  at: string;
  login: string;
  sender: string;
  recipients: string[];
  subject: string;
  exit: string;
  action: string;
  ruleId: string;
  rule: string;
  state: string;
  reviewedBy: string;
  comment: string;
  files: string[];
  findings: LeakFinding[];
  rules: LeakTried[];
}

/** Which incidents to export, the newest 10,000 of them, and why (at least ten characters). */
export interface LeakIncidentExport {
  account?: string | null;
  rule?: string | null;
  action?: string;
  exit?: 'api' | 'jmap' | 'link' | 'list' | 'planned' | 'redirect' | 'relay' | 'secure' | 'shared_draft' | 'smtp' | 'vacation' | 'web' | '';
  state?: '' | 'false_positive' | 'open' | 'reviewed';
  since?: string | null;
  until?: string | null;
  reason: string;
}

/** The result of a review. */
export interface LeakIncidentReview {
  state: 'false_positive' | 'open' | 'reviewed';
}

/** A change of leak rules, without those of scopes that the reader may not see. */
export interface LeakRevision {
  epoch: number;
  at: string;
  actor: string;
  action: string;
  begun: LeakRule[];
  ended: LeakRule[];
}

/** A leak rule: which mail must not leave as it is. `exits` empty: all; `stage` log: matches are recorded, nothing else. */
export interface LeakRule {
  id: string;
  name: string;
  scope: string;
  direction: string;
  exits: string[];
  condition: object;
  actions: string[];
  priority: number;
  stage: string;
  message: string;
  locked: boolean;
  authority: string | null;
  validFrom: string | null;
  validUntil: string | null;
}

/** A leak rule. `message`: what the sender reads; `priority`: among equally strict rules the smallest is named; a rule with `actions` pass and `validUntil` is an exception, granted at the level `authority`. */
export interface LeakRuleCreate {
  name: string;
  scope: string;
  condition: object;
  actions: string[];
  direction?: 'internal' | 'out';
  exits?: ('api' | 'jmap' | 'link' | 'list' | 'planned' | 'redirect' | 'relay' | 'secure' | 'shared_draft' | 'smtp' | 'vacation' | 'web')[];
  priority?: number;
  stage?: 'log' | 'on';
  message?: string;
  locked?: boolean;
  authority?: 'account' | 'department' | 'domain' | 'group' | 'organization' | 'system' | null;
  validFrom?: string | null;
  validUntil?: string | null;
}

/** Why a rule is to be ended. */
export interface LeakRuleEndRequest {
  reason?: string;
}

/** A leak rule with a reason, for approval and audit. */
export interface LeakRuleProposeRequest {
  name: string;
  scope: string;
  condition: object;
  actions: string[];
  direction?: 'internal' | 'out';
  exits?: ('api' | 'jmap' | 'link' | 'list' | 'planned' | 'redirect' | 'relay' | 'secure' | 'shared_draft' | 'smtp' | 'vacation' | 'web')[];
  priority?: number;
  stage?: 'log' | 'on';
  message?: string;
  locked?: boolean;
  authority?: 'account' | 'department' | 'domain' | 'group' | 'organization' | 'system' | null;
  validFrom?: string | null;
  validUntil?: string | null;
  reason?: string;
}

/** For whom the prepared rules for personal information are created. */
export interface LeakRuleReady {
  scope: string;
}

/** Whether a rule acts (on) or only records its matches (log). */
export interface LeakRuleStage {
  stage: 'log' | 'on';
}

/** The outcome of a rule. `held` and `failed`: the parts of its condition that hold and that do not. */
export interface LeakTried {
  ruleId: string;
  name: string;
  stage: string;
  outcome: string;
  held: string[];
  failed: string[];
}

/** A message to try the leak rules on; nothing is sent. `message`: a whole one (RFC 5322) in base64, in the place of `subject` and `text`; `rule`: one that is not in force yet, tried as if it were on; `replaces`: the rule in whose place. */
export interface LeakTryRequest {
  account: string;
  recipients: string[];
  text?: string;
  subject?: string;
  exit?: 'api' | 'jmap' | 'link' | 'list' | 'planned' | 'redirect' | 'relay' | 'secure' | 'shared_draft' | 'smtp' | 'vacation' | 'web';
  message?: string | null;
  rule?: LeakRuleCreate | null;
  replaces?: string | null;
}

/** Why the values must be seen. */
export interface LeakUnmaskRequest {
  reason: string;
}

/** The unmasked values, in the order of the incident's findings. */
export interface LeakValues {
  values: string[];
}

/** The verdict for a message; `action` null: it may leave as it is. */
export interface LeakVerdictShown {
  action: string | null;
  rule: string | null;
  actions: string[];
  findings: LeakFinding[];
  rules: LeakTried[];
}

/** A legal hold on one message, or on everything of an account (`messageId` 0). */
export interface LegalHold {
  accountId: string;
  messageId: number;
  matter: string;
  at: string;
  actor: string;
  address?: string;
}

/** A legal hold to place. */
export interface LegalHoldCreate {
  accountId: string;
  matter: string;
  messageId?: number;
}

/** Current figures: pending and held recipients, age of the oldest in seconds, counters of this minute and the last one. */
export interface LiveFigures {
  at: string;
  of: 'company' | 'installation';
  waiting: number;
  held: number;
  oldestSeconds: number;
  minute: CounterValue[];
  lastMinute: CounterValue[];
}

/** A line of the log; persons and hosts in `fields` are masked. */
export interface LogEntry {
  at: string;
  level: string;
  event: string;
  process: string;
  fields: Record<string, string>;
}

/** A login attempt with its result. */
export interface LoginAttempt {
  id: string;
  at: string;
  door: string;
  address: string;
  country: string;
  result: string;
  credentialId: string | null;
}

/** A country from which an account has logged in. */
export interface LoginCountry {
  country: string;
  firstAt: string;
  lastAt: string;
}

/** A login to simulate; `at`: then, not now. */
export interface LoginSimulateRequest {
  address: string;
  door?: 'admin' | 'dav' | 'imap' | 'jmap' | 'pop3' | 'sieve' | 'smtp' | 'web';
  proof?: '' | 'app' | 'certificate' | 'password' | 'token';
  secondFactor?: boolean;
  deviceKnown?: boolean;
  at?: string | null;
}

/** Volumes and processes; empty if the role may not see them. */
export interface MachineFigures {
  volumes: VolumeForecast[];
  processes: ProcessFigures[];
}

/** An external mailbox fetch. The user name there and replies of the other server are private. `reason` "": no problem. */
export interface MailFetch {
  id: string;
  accountId: string;
  login: string;
  host: string;
  protocol: string;
  deletesOriginals: boolean;
  isEnabled: boolean;
  reason: string;
  failures: number;
  taken: number;
  pulledAt: string | null;
  createdAt: string;
}

/** Another mail system. `unknown`: receives mail for unknown recipients; `copy`: receives a copy of all mail. */
export interface MailSystem {
  hosts: RouteHost[];
  verify: string;
  networks: string[];
  unknown: boolean;
  copy: boolean;
}

/** Another mail system. `verify`: how its recipients are checked: not at all, by asking it, or by a list. */
export interface MailSystemCreate {
  hosts: RouteHostCreate[];
  verify?: 'ask' | 'list' | 'none';
  networks?: string[];
  unknown?: boolean;
  copy?: boolean;
}

/** `check`: integrity check; `optimise`: refresh statistics (ANALYZE); `give-back`: incremental vacuum; `rewrite`: compact (VACUUM), which blocks writes while it runs. */
export interface MaintenanceRequest {
  act: 'check' | 'give-back' | 'optimise' | 'rewrite';
}

/** A finished maintenance operation. `spared`: bytes freed; `findings` of a check, `troubles`: their number. */
export interface MaintenanceRun {
  act: string;
  at: string;
  seconds: number;
  good: boolean;
  spared: number;
  troubles: number;
  findings: string[];
}

/** Weekly maintenance. `weekday` 0 (Monday) to 6, -1: never; `hour` in UTC. */
export interface MaintenanceSchedule {
  weekday: number;
  hour: number;
  check: boolean;
  optimise: boolean;
  giveBack: boolean;
}

/** The complete schedule of the weekly maintenance. `weekday` 0 (Monday) to 6, -1: never; `hour` in UTC. */
export interface MaintenanceScheduleUpdate {
  weekday: number;
  hour?: number;
  check?: boolean;
  optimise?: boolean;
  giveBack?: boolean;
}

/** An authority whose mark certificates (VMC) the organization trusts. `fingerprint`: SHA-256. */
export interface MarkAuthority {
  fingerprint: string;
  name: string;
  until: string;
}

/** A rotation of the master key. */
export interface MasterKeyRotation {
  id: string;
  state: 'cancelled' | 'done' | 'rewrapping' | 'settling' | 'spreading' | 'switching';
  oldKey: string;
  newKey: string;
  percent: number;
  waitsFor: string[];
  problems: NodeProblem[];
  actor: string;
  startedAt: string;
  endedAt: string | null;
}

/** Membership in a department: its path and code, and the duty there. */
export interface Membership {
  path: string;
  code: string;
  duty: string;
}

/** Membership in a department, given by its code, with the duty there. */
export interface MembershipCreate {
  department: string;
  duty?: string;
}

/** A merger. `clashes`: names that exist in the target; `numbers`: logins whose employee number exists there; `staying`: shared accounts, which are not moved; `done`: accounts moved or planned; `proposalId`: waits for approval. */
export interface Merger {
  people: number;
  done: number;
  clashes: AddressMapping[];
  numbers: string[];
  staying: string[];
  refused: MergerRefusal[];
  proposalId?: string | null;
}

/** The target domain whose pending transfers are cancelled. */
export interface MergerCancelRequest {
  domain: string;
}

/** Number of transfers that were cancelled. */
export interface MergerCancelResult {
  people: number;
}

/** A person who could not be moved, and why. */
export interface MergerRefusal {
  login: string;
  reason: string;
}

/** Move all people of an organization into a domain of another one. Without `apply` a dry run. `mailbox`: move messages, too; `at`: on that day instead of now; `reason`: for the approval. */
export interface MergerRequest {
  domain: string;
  mailbox?: boolean;
  months?: number;
  at?: string | null;
  apply?: boolean;
  reason?: string;
}

/** Progress of a planned merger, in people: waiting, moved, failed, cancelled. */
export interface MergerStatus {
  domain: string;
  effectiveAt: string;
  waiting: number;
  done: number;
  failed: number;
  cancelled: number;
}

/** An attachment; its bytes are in the original message. */
export interface MessageAttachment {
  name: string;
  type: string;
  size: number;
}

/** A host that relayed the message. `verified`: recorded by this installation; all others are claims. */
export interface MessageHop {
  verified: boolean;
  address: string;
  name: string;
  country: string;
}

/** Messages to restore for all accounts of the organization. */
export interface MessageRestoreAllCreate {
  reason: string;
  at?: string | null;
  beside?: boolean;
}

/** Messages to restore: all of an account, a mailbox (its path from the top), or one message (`messageId`, or its Message-ID header as `headerId`), as of a day; only what is missing in its place, or with `beside` everything into a separate mailbox. */
export interface MessageRestoreCreate {
  reason: string;
  mailbox?: string[];
  messageId?: string | null;
  headerId?: string;
  at?: string | null;
  beside?: boolean;
}

/** The trace of one message. Fields that are not visible to this role are empty. `tls`: of the connection that brought it; `parent`: the message that it was made of. `children` (messages that were made of it) and `copies`: only where one message is asked for. */
export interface MessageTrace {
  id: string;
  at: string;
  sender: string;
  recipients: string[];
  subject: string;
  messageId: string;
  door: string;
  peer: string;
  tls: string;
  size: number;
  parent: string | null;
  children: string[];
  events: MessageTraceEvent[];
  copies: MessageTraceCopy[];
}

/** Where a delivered copy is now; no mailboxes: it is gone. */
export interface MessageTraceCopy {
  recipient: string;
  mailboxes: string[];
  read: boolean;
}

/** An event of a trace. `description` and, of a reply, `meaning`: in the reader's language, empty where this role does not see all of it; `rules`: what the spam filter weighed, `reasons`: the same with the weights apart; `score`: of a check; `act`: what a check asked for, or why it is held. */
export interface MessageTraceEvent {
  at: string;
  kind: string;
  recipient?: string;
  code?: number;
  text?: string;
  host?: string;
  tls?: string;
  by?: string;
  door?: string;
  mailbox?: string;
  description?: string;
  meaning?: string;
  rules?: string[];
  reasons?: VerdictReason[];
  score?: number;
  act?: string;
}

/** A network address. `banned`: whether it is banned now; null: not visible to this role. */
export interface NetworkResult {
  address: string;
  banned: boolean | null;
}

/** Why a node cannot take part. */
export interface NodeProblem {
  node: string;
  problem: string;
}

/** The offboarding of a leaver. `state`: planned, running, done, restored, destroyed. */
export interface Offboarding {
  accountId: string;
  state: string;
  effectiveAt: string;
  successor: string | null;
  reader: string | null;
  readUntil: string | null;
  destroyAt: string;
  address?: string;
}

/** How a person leaves. `choices`: kind → what is done instead of the default; `at` null: now. */
export interface OffboardingCreate {
  successor?: string | null;
  reader?: string | null;
  choices?: Record<string, 'end' | 'hand' | 'hold'>;
  answer?: string;
  reason?: string;
  at?: string | null;
}

/** A message of an account opened by content access. `readable` false: its summary cannot be decrypted. */
export interface OpenedMessage {
  id: string;
  receivedAt: string;
  sender: string;
  subject: string;
  size: number;
  hasAttachment: boolean;
  readable: boolean;
}

/** A message as plain text. */
export interface OpenedMessageText {
  id: string;
  receivedAt: string;
  sender: string;
  to: string;
  cc: string;
  subject: string;
  text: string;
  files: MessageAttachment[];
}

/** Result of an operation: done, or pending as a proposal until another administrator approves it. */
export interface OperationOutcome {
  waits: boolean;
  result: string;
  proposalId: string | null;
}

/** An organization: one tenant. */
export interface Organization {
  id: string;
  name: string;
}

/** Name of an organization. */
export interface OrganizationRequest {
  name: string;
}

/** Numbers of pending items; null: not visible to this role. `queue`: recipients that wait, `queueHeld`: those that are held. `accounts`: persons without those whose account is closed, `accountStates`: the same by state. */
export interface Overview {
  queue: number | null;
  queueHeld: number | null;
  quarantine: number | null;
  approvals: number | null;
  proposals: number | null;
  policyChanges: number | null;
  travelPasses: number | null;
  cases: number | null;
  bans: number | null;
  sendingStops: number | null;
  certificatesEnding: number | null;
  reviewsOpen: number | null;
  accounts: number | null;
  accountStates: Record<string, number> | null;
}

/** A second factor of the signed-in administrator. */
export interface OwnFactor {
  id: string;
  kind: string;
  label: string;
}

/** A resource that an account owns. `choices`: what can be done with it, the default first. */
export interface OwnedResource {
  kind: string;
  thing: string;
  label: string;
  choices: string[];
}

/** A new password. App passwords, tokens, client certificates and connected programs are revoked unless `keepPrograms`. */
export interface PasswordUpdate {
  password: string;
  keepPrograms?: boolean;
}

/** The directory entry of a person. `masked`: names of fields that the reader's role does not show. */
export interface Person {
  accountId: string;
  login: string;
  name: string;
  employeeNumber: string | null;
  position: string;
  grade: string;
  honorific: string;
  seats: Membership[];
  facts: Record<string, string>;
  addresses: PersonAddress[];
  masked: string[];
}

/** An address; `until` null: without end. */
export interface PersonAddress {
  address: string;
  until: string | null;
}

/** The account as it is now, or the id of the planned change. */
export interface PersonChangeResult {
  account: Account | null;
  plannedId: string | null;
}

/** A person with an account; they sign in by a setup link. */
export interface PersonCreate {
  login: string;
  name: string;
  employeeNumber?: string;
  position?: string;
  grade?: string;
  honorific?: string;
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant' | '';
  seats?: MembershipCreate[];
  facts?: Record<string, string>;
}

/** A person or a shared account. */
export interface PersonResult {
  id: string;
  name: string;
  address: string;
  department: string;
  title: string;
  state: string;
}

/** A merge patch (RFC 7396). `seats`: the primary one first; `facts` are merged, an empty value removes one; `at`: apply at that time instead of now. */
export interface PersonUpdate {
  name?: string;
  employeeNumber?: string;
  position?: string;
  grade?: string;
  honorific?: string;
  seats?: MembershipCreate[];
  facts?: Record<string, string>;
  at?: string;
}

/** Reports of one phishing campaign. */
export interface PhishingCase {
  id: string;
  state: string;
  reports: number;
  openedAt: string;
  changedAt: string;
  subject: string;
  senders: string[];
  hosts: string[];
  note: string;
}

/** The new state of a case. */
export interface PhishingCaseUpdate {
  state: 'confirmed' | 'dismissed' | 'examining' | 'open';
  note?: string;
}

/** The address of the security desk (보안관제) that gets each new campaign with its evidence package, "" for none. */
export interface PhishingDesk {
  address: string;
}

/** The new address, "" for nobody. */
export interface PhishingDeskUpdate {
  address?: string;
}

/** A photograph. `picture`: JPEG of 256 × 256 pixels in base64. */
export interface Photograph {
  picture: string;
  changedAt: string;
}

/** A picture in base64: JPEG, PNG, WebP or GIF. It is cropped to a square and stored without metadata. */
export interface PhotographUpdate {
  file: string;
}

/** A change that is applied at a time in the future. `error`: code of the failure. */
export interface PlannedChange {
  id: string;
  accountId: string;
  kind: string;
  login: string;
  effectiveAt: string;
  state: string;
  actor: string;
  appliedAt: string | null;
  error: string;
  address?: string;
}

/** Announced maintenance; no services: all of them. */
export interface PlannedWork {
  since: string;
  until: string;
  services: string[];
  announcedAt: string;
  actor: string;
}

/** Maintenance to announce before it begins. */
export interface PlannedWorkCreate {
  since: string;
  until: string;
  services?: string[];
}

/** The new epoch of the policy. */
export interface PolicyEpoch {
  epoch: number;
}

/** A set of knob values, each with its reason in the reader's language. */
export interface PolicyPreset {
  name: string;
  title: string;
  values: object;
  reasons: Record<string, string>;
}

/** The scope to which a preset is applied. `clear`: remove rules of narrower scopes that override it. */
export interface PolicyPresetApplyRequest {
  scope?: string;
  clear?: boolean;
}

/** The new epoch, and rules of narrower scopes that override what was set. */
export interface PolicyResult {
  epoch: number;
  shadowed: PolicyRule[];
}

/** A change of the policy, without rules of scopes that the reader may not see. */
export interface PolicyRevision {
  epoch: number;
  at: string;
  actor: string;
  action: string;
  reason: string;
  begun: PolicyRule[];
  ended: PolicyRule[];
}

/** The epoch to return to. */
export interface PolicyRollbackRequest {
  epoch: number;
}

/** How far an epoch is applied: number of processes, of those that lag behind, and the time until all had applied it in milliseconds (null: not known yet). `behind` names those that lag behind, to operators of the installation. */
export interface PolicyRollout {
  epoch: number;
  processes: number;
  lagging: number;
  tookMs: number | null;
  behind: string[];
}

/** The value of a knob for a scope; with `validUntil` a dated exception, granted at the level `authority`. */
export interface PolicyRule {
  knob: string;
  scope: string;
  value: unknown;
  locked: boolean;
  authority: string | null;
  validFrom: string | null;
  validUntil: string | null;
}

/** A policy rule to set; it replaces the rule of the same scope unless it is dated. `value` has the type of the knob, or is its text (`on`, `off`, `20`, names with spaces between). `authority`: level at which an exception is granted; locks of weaker levels give way to it. */
export interface PolicyRuleCreate {
  knob: string;
  value: boolean | number | string | string[];
  scope?: string;
  locked?: boolean;
  authority?: 'account' | 'department' | 'domain' | 'group' | 'organization' | 'system' | null;
  validFrom?: string | null;
  validUntil?: string | null;
}

/** A rule, by knob and scope. */
export interface PolicyRuleQuery {
  knob: string;
  scope?: string;
}

/** An error (RFC 9457). `code` is stable, `title` in the reader's language, `detail` for developers; `wants`: steps that a sign-in still owes, or `step-up` for re-authentication. `reasons` are stable and finer than `code`, all that apply; `facts` are the values that sentences about them name. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  requestId: string;
  detail?: string;
  wants?: string[];
  reasons?: string[];
  facts?: Record<string, string | number>;
}

/** A process of this node. `silentMs`: time since its last heartbeat; `memory` in bytes, null: unknown; `deaths`: restarts since the start. */
export interface Process {
  name: string;
  roles: string[];
  state: 'down' | 'ready' | 'starting' | 'stopping';
  pid: number;
  begunAt: string | null;
  silentMs: number;
  memory: number | null;
  deaths: number;
}

/** A process: memory in bytes, the longest delay of its event loop in milliseconds, time of the last measurement. */
export interface ProcessFigures {
  name: string;
  memory: number;
  lagMs: number;
  seenAt: string;
  silent: boolean;
}

/** An operation that needs the approval of another administrator. */
export interface Proposal {
  id: string;
  act: string;
  state: string;
  scope: string;
  author: string;
  reason: string;
  arguments: object;
  createdAt: string;
  expiresAt: string;
  dueAt: string | null;
  decidedBy: string;
  decidedAt: string | null;
  result: string;
}

/** A note for the author. */
export interface ProposalNote {
  note?: string;
}

/** A purge. */
export interface Purge {
  id: string;
  state: string;
  author: string;
  reason: string;
  messages: number;
  startedAt: string;
}

/** Messages that match any of these criteria. `digests`: SHA-256 of texts, `files`: of attachments. */
export interface PurgeCreate {
  reason: string;
  messageIds?: string[];
  senders?: string[];
  digests?: string[];
  urls?: string[];
  files?: string[];
  since?: string | null;
}

/** Number of accounts and messages that a purge would affect. */
export interface PurgeDryRun {
  accounts: number;
  messages: number;
}

/** Number of messages that were restored. */
export interface PurgeUndoResult {
  messages: number;
}

/** Who showed, released or deleted which message, and why. */
export interface QuarantineAction {
  at: string;
  actor: string;
  action: string;
  item: string;
  reason: string;
}

/** Why the message is shown or deleted; kept with the record of it. */
export interface QuarantineReason {
  reason: string;
}

/** Release a message. `learn`: train the filter that it is no spam; `allow`: allow its sender from now on; `dangerous`: also what engines call malware, without another scan. */
export interface QuarantineReleaseRequest {
  reason: string;
  learn?: boolean;
  allow?: boolean;
  dangerous?: boolean;
}

/** A message in quarantine, for one recipient. `nature`: why it is held; `malware`: an engine found some, it is never let out here; `reasons`: what weighed, the heaviest first, where this role sees all of a message. */
export interface QuarantinedMessage {
  id: string;
  accountId: string | null;
  sender: string;
  recipient: string;
  subject: string;
  nature: string;
  dangerous: boolean;
  size: number;
  at: string;
  malware: boolean;
  score: number;
  reasons: VerdictReason[];
}

/** A message in quarantine with the reasons of its verdict. `reverse_path`: of its envelope. */
export interface QuarantinedMessageDetail {
  message: QuarantinedMessage;
  reversePath: string;
  score: number;
  virus: string;
  country: string;
  reasons: VerdictReason[];
}

/** An action on all matching recipients. `to`: next host of a reroute (HOST or HOST:PORT), "" for the domains of their addresses; `report`: send bounces for deleted messages. */
export interface QueueActionRequest {
  act: 'delete' | 'hold' | 'release' | 'reroute' | 'retry';
  marks: QueueFilter;
  to?: string;
  report?: boolean;
}

/** A message in the queue with the matching recipients. */
export interface QueueEntry {
  id: string;
  sender: string;
  accountId: string | null;
  size: number;
  createdAt: string;
  expiresAt: string;
  recipients: QueueRecipient[];
}

/** A filter of recipients; absent fields match all. `domain`: of the recipient; `larger`, `smaller`: bytes. */
export interface QueueFilter {
  entry?: string | null;
  accountId?: string | null;
  sender?: string;
  senderDomain?: string;
  recipient?: string;
  domain?: string;
  state?: '' | 'held' | 'leased' | 'ready' | 'waiting';
  holdReason?: 'account' | 'administrator' | 'approval' | 'quarantine' | 'schedule' | 'sending' | 'undo_window' | 'zone_review' | null;
  cause?: string;
  createdBefore?: string | null;
  createdAfter?: string | null;
  larger?: number | null;
  smaller?: number | null;
}

/** Number of entries, recipients and bytes that an action would affect. */
export interface QueueMatch {
  entries: number;
  recipients: number;
  octets: number;
}

/** Pause or resume deliveries to a domain (null: all). */
export interface QueuePauseRequest {
  paused: boolean;
  domain?: string | null;
}

/** A pending recipient. `meaning`: what the last reply means, in the reader's language. */
export interface QueueRecipient {
  address: string;
  domain: string;
  state: string;
  holdReason: string | null;
  attempts: number;
  nextAt: string;
  cause: string | null;
  meaning: string | null;
  reply: DeliveryReply | null;
}

/** All queue settings. */
export interface QueueRules {
  pausedAll: boolean;
  paused: string[];
  destinations: Record<string, DestinationLimit>;
  sources: Record<string, string>;
}

/** The whole queue in numbers: recipients by state, and by the destinations that most of them wait for. */
export interface QueueTotals {
  entries: number;
  bytes: number;
  states: Record<string, number>;
  destinations: Record<string, number>;
}

/** The reason. */
export interface ReasonRequest {
  reason: string;
}

/** The newest recovery kit. `fits`: made for the key in use; `due`: one must be made or verified. `kit` "": none. */
export interface RecoveryKit {
  masterKey: string;
  kit: string;
  need: number;
  count: number;
  madeAt: string | null;
  rehearsedAt: string | null;
  fits: boolean;
  due: boolean;
}

/** The number of shares, how many of them restore the key, and the reason. */
export interface RecoveryKitCreate {
  reason: string;
  count?: number;
  need?: number;
}

/** The shares of a new recovery kit. Give each to another person, on paper. */
export interface RecoveryKitCreated {
  kit: string;
  masterKey: string;
  need: number;
  shares: RecoveryShare[];
}

/** Shares as typed. */
export interface RecoveryKitVerifyRequest {
  shares: string[];
}

/** A share: lines to print and type. It is returned only once and not stored. */
export interface RecoveryShare {
  number: number;
  text: string;
}

/** Re-encryption of stored messages. `failed`: those that could not be decrypted before; `secondsLeft` null: not known yet. */
export interface Reencryption {
  id: string;
  state: 'cancelled' | 'done' | 'paused' | 'running';
  suite: 'AES-256-GCM' | 'ChaCha20-Poly1305';
  percent: number;
  blobs: number;
  octets: number;
  total: number;
  failed: number;
  cap: number;
  secondsLeft: number | null;
  actor: string;
  startedAt: string;
  endedAt: string | null;
}

/** The cipher suite, the speed limit and the reason. */
export interface ReencryptionCreate {
  suite: 'AES-256-GCM' | 'ChaCha20-Poly1305';
  reason: string;
  cap?: number;
}

/** Changed fields of the open re-encryption; null: unchanged. */
export interface ReencryptionUpdate {
  state?: 'cancelled' | 'paused' | 'running' | null;
  cap?: number | null;
}

/** A machine that may submit messages for an account without authentication. */
export interface RelayClient {
  id: string;
  accountId: string;
  networks: string[];
  purpose: string;
  senders: string[];
  hourly: number;
  endsAt: string;
  lastUsedAt: string | null;
  cleartext: boolean;
  stale: boolean;
  address?: string;
}

/** A machine that may submit messages for an account without authentication, from its networks, until a date. */
export interface RelayClientCreate {
  accountId: string;
  purpose: string;
  senders: string[];
  networks: string[];
  endsAt: string;
  hourly?: number;
  cleartext?: boolean;
}

/** A merge patch (RFC 7396). */
export interface RelayClientUpdate {
  endsAt?: string;
  hourly?: number;
}

/** How many days were counted. */
export interface ReportCount {
  days: number;
}

/** The first and the last day to count again out of the rows that are kept. */
export interface ReportCountRequest {
  first: string;
  last: string;
}

/** The report to export and its purpose (at least ten characters). */
export interface ReportExportRequest {
  period: 'day' | 'month' | 'week';
  day: string;
  reason: string;
  form?: 'pdf' | 'xlsx';
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant';
}

/** Reports that are mailed at the end of a period to those who may see them. */
export interface ReportSchedule {
  periods: ('day' | 'month' | 'week')[];
  form: 'pdf' | 'xlsx';
}

/** Periods whose reports are mailed; none: no reports. */
export interface ReportScheduleUpdate {
  periods?: ('day' | 'month' | 'week')[];
  form?: 'pdf' | 'xlsx';
}

/** Selectors of the keys that were replaced. */
export interface RetiredKeys {
  retired: string[];
}

/** Waiting times in seconds: doubled from `first` up to `longest`, given up after `lifetime` (RFC 5321 §4.5.4.1). `notice`: when the sender is told of a delay; `grey`: the wait after greylisting. */
export interface RetrySchedule {
  first: number;
  longest: number;
  lifetime: number;
  notice: number;
  grey: number;
}

/** A merge patch (RFC 7396), in seconds. */
export interface RetryScheduleUpdate {
  first?: number;
  longest?: number;
  lifetime?: number;
  notice?: number;
  grey?: number;
}

/** A host that may be contacted for revocation checks. */
export interface RevocationHost {
  host: string;
}

/** The issuer of the stored list. */
export interface RevocationIssuer {
  issuer: string;
}

/** A stored certificate revocation list. `issuer`: SHA-256 of the issuer's name. */
export interface RevocationList {
  issuer: string;
  scope: string;
  since: string;
  until: string;
  source: string;
}

/** A certificate revocation list to store. */
export interface RevocationListUpload {
  file: string;
}

/** A certificate revocation list. */
export interface RevocationUpload {
  file: string;
}

/** An administrative role: a set of permissions, and the fields that it does not show. */
export interface Role {
  id: string;
  name: string;
  permissions: string[];
  masks: string[];
}

/** A role account (직책메일): the shared account of the holders of a duty in a department. */
export interface RoleAccount {
  accountId: string;
  address: string;
  name: string;
  department: string;
  duty: string;
  holders: string[];
  holderAddresses: string[];
}

/** A role account to create. */
export interface RoleAccountCreate {
  departmentId: string;
  duty: string;
  login: string;
  name?: string;
}

/** An assignment of a role to an account over a scope. */
export interface RoleAssignment {
  id: string;
  accountId: string;
  role: string;
  scope: string;
  begunAt: string;
  expiresAt: string | null;
  author: string;
  address?: string;
}

/** A role to assign to an account. `scope` "": the whole organization. */
export interface RoleAssignmentCreate {
  accountId: string;
  role: string;
  scope?: string;
  expiresAt?: string | null;
  reason?: string;
}

/** A role of the organization. */
export interface RoleCreate {
  name: string;
  permissions: ('access.change' | 'access.read' | 'account.change' | 'account.read' | 'account.secrets' | 'account.sessions' | 'approval.decide' | 'audit.export' | 'audit.read' | 'backup.read' | 'backup.restore' | 'backup.run' | 'bulletin.change' | 'bulletin.read' | 'case.change' | 'case.read' | 'certificate.change' | 'certificate.read' | 'company.change' | 'defence.change' | 'defence.read' | 'destruction.read' | 'destruction.run' | 'domain.change' | 'domain.read' | 'export.run' | 'group.change' | 'group.read' | 'hold.change' | 'hold.read' | 'import.run' | 'investigation.run' | 'key.change' | 'key.read' | 'leak.change' | 'leak.read' | 'leak.unmask' | 'message.open' | 'message.read' | 'node.change' | 'node.read' | 'organization.change' | 'organization.read' | 'pass.decide' | 'policy.change' | 'policy.read' | 'quarantine.change' | 'quarantine.read' | 'queue.change' | 'queue.read' | 'report.change' | 'report.read' | 'review.sign' | 'role.change' | 'role.read' | 'siem.change' | 'siem.read' | 'signing.change' | 'signing.read' | 'spam.change' | 'spam.read' | 'trace.read' | 'webhook.change' | 'webhook.read')[];
  masks?: ('addresses' | 'birthday' | 'body' | 'employee-number' | 'login-address' | 'phone' | 'subject')[];
}

/** What an account may as administrator. Without it there would be left: `administrators`, and `changers`, who may change roles; `vacant`: offices that nobody would hold. */
export interface RolePreview {
  holdings: HeldRole[];
  administrators: number;
  changers: number;
  vacant: string[];
}

/** A host; lower priority values are tried first. */
export interface RouteHost {
  host: string;
  port: number;
  priority: number;
}

/** A host. */
export interface RouteHostCreate {
  host: string;
  port?: number;
  priority?: number;
}

/** Result of a test. `tls` and `cipher` "" without TLS; `verified`: how the host was verified (none, dane, sts, …). */
export interface RouteProbe {
  outcome: 'accepted' | 'answered' | 'failed' | 'insecure' | 'later' | 'local' | 'nowhere' | 'refused';
  host: string;
  address: string;
  port: number;
  tls: string;
  cipher: string;
  verified: string;
  lines: RouteProbeLine[];
}

/** The recipient to test. `host` "": the regular route; `send`: send a test message. */
export interface RouteProbeCreate {
  to: string;
  host?: string;
  port?: number;
  send?: boolean;
}

/** A line of the dialog. `at`: milliseconds since its start; `by`: us, host, or note (a remark). */
export interface RouteProbeLine {
  at: number;
  by: 'host' | 'note' | 'us';
  text: string;
}

/** A rule pack. `weights`: changed weights of built-in rules. */
export interface RulePack {
  id: string;
  madeAt: string;
  notes: string;
  rules: number;
  weights: number;
}

/** Change of one rule. `title` "" for a built-in rule; `own`: weight set by an administrator, which has precedence. */
export interface RulePackChange {
  rule: string;
  title: string;
  change: 'added' | 'removed' | 'weight' | 'words';
  before: number | null;
  after: number | null;
  own: boolean;
}

/** A rule pack and the changes that it makes. */
export interface RulePackPreview {
  pack: RulePack;
  changes: RulePackChange[];
}

/** The rule pack in use after the rollback, "" for none. */
export interface RulePackRollback {
  id: string;
}

/** The rule pack in use and the previous one; `trusted`: whether a vendor key is pinned. */
export interface RulePackState {
  current: RulePack | null;
  before: RulePack | null;
  trusted: boolean;
}

/** The file in base64. */
export interface RulePackUpload {
  file: string;
}

/** Work that a process of any node holds. `key`: its number or name in its kind; `total` 0: not known; `leasedUntil`: when another process may continue it, unless the lease is renewed. */
export interface RunningTask {
  kind: string;
  key: string;
  worker: string;
  done: number;
  total: number;
  leasedUntil: string;
}

/** A scan engine; `problem` "" if it answers. */
export interface ScanEngine {
  name: string;
  kind: string;
  problem: string;
  signaturesAt: string | null;
  stale: boolean;
}

/** Permissions over a scope. */
export interface ScopedPermissions {
  scope: string;
  permissions: string[];
}

/** Results by kind. */
export interface SearchResults {
  people: PersonResult[];
  domains: string[];
  groups: GroupResult[];
  addresses: AddressResult[];
  knobs: KnobResult[];
  network: NetworkResult | null;
}

/** A security label. `rank`: replies and forwards never carry a lower one. `outside`: whether mail with it goes to other companies. `mark`: the name is put before the subject. `usual`: the label of mail for which nobody chose one. `line`: the approval line that decides whether it goes out and whether a reply carries less; empty: the administrators. `term`: the days after which mail with it counts as of the label `then`, or of none; 0: it stays. */
export interface SecurityLabel {
  id: string;
  name: string;
  rank: number;
  outside: string;
  mark: boolean;
  usual: boolean;
  line: string;
  term: number;
  then: string;
}

/** A security label to create or change. */
export interface SecurityLabelUpdate {
  name: string;
  rank: number;
  outside?: 'allow' | 'approve' | 'refuse';
  mark?: boolean;
  usual?: boolean;
  line?: string;
  term?: number;
  then?: string;
}

/** A rule that allows or blocks a sender. */
export interface SenderRule {
  id: string;
  act: string;
  kind: string;
  subject: string;
  author: string;
  createdAt: string;
  expiresAt: string | null;
  hits: number;
  hitAt: string | null;
}

/** A sender to allow or block. `kind` null: derived from the subject. */
export interface SenderRuleCreate {
  scope: string;
  act: 'allow' | 'block';
  subject: string;
  kind?: 'address' | 'country' | 'domain' | 'file' | 'network' | 'url' | null;
  expiresAt?: string | null;
}

/** An account that may not send. */
export interface SendingBlock {
  accountId: string;
  reason: string;
  since: string;
  by: string;
  evidence: Record<string, number>;
  address?: string;
}

/** Until when an account may send much mail without being blocked for it. `note`: why. */
export interface SendingExceptionUpdate {
  until: string;
  note?: string;
}

/** Availability of a service in a period, in seconds. */
export interface ServiceAvailability {
  service: string;
  percent: number;
  due: number;
  down: number;
  outages: ServiceOutage[];
}

/** An outage; `counted` seconds reduce the availability, planned work does not. */
export interface ServiceOutage {
  since: string;
  until: string;
  counted: number;
  planned: number;
  open: boolean;
}

/** A session in a browser. */
export interface Session {
  id: string;
  createdAt: string;
  lastSeenAt: string | null;
  expiresAt: string;
  address: string;
  device: string;
}

/** A link that sets the password once, within 24 hours. */
export interface SetupLink {
  token: string;
  url: string;
}

/** Progress of the setup wizard. `host`: the mail host name of the installation; `domain`: that of the administrator. */
export interface SetupProgress {
  steps: SetupStep[];
  ended: boolean;
  host: string;
  domain: string;
}

/** The organization, its first domain and administrator. `token`: printed at the first start; `local`: the part before the @. */
export interface SetupRequest {
  token: string;
  organization: string;
  domain: string;
  local: string;
  name: string;
  language: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant';
  password: string;
}

/** Whether this installation can still be set up. */
export interface SetupStatus {
  open: boolean;
}

/** One step of the wizard. */
export interface SetupStep {
  name: string;
  state: string;
}

/** Result of a step. */
export interface SetupStepUpdate {
  state: 'done' | 'open' | 'skipped';
}

/** Who may work in a shared mailbox. `name` "": more than one person. `rights` may be `custom`; `until` null: no end. */
export interface SharedMember {
  whom: string;
  name: string;
  rights: string;
  sending: 'as' | 'none' | 'onBehalf';
  until: string | null;
}

/** Rights to give, in place of those held until now. `until`: the last day, null: no end. */
export interface SharedMemberUpdate {
  whom: string;
  rights?: 'delete' | 'file' | 'manage' | 'view';
  sending?: 'as' | 'none' | 'onBehalf';
  until?: string | null;
}

/** Address and password of an administrator. */
export interface SignInRequest {
  address: string;
  password: string;
}

/** A DKIM key. Publish the TXT record `name` with the value `text`. */
export interface SigningKey {
  selector: string;
  kind: string;
  state: string;
  name: string;
  text: string;
}

/** Activate a key. `unchecked`: even if its record is not visible in DNS yet. */
export interface SigningKeyActivateRequest {
  unchecked?: boolean;
}

/** A DKIM key to create. The first one of its kind is activated at once. */
export interface SigningKeyCreate {
  selector: string;
  kind?: 'ed25519' | 'rsa';
}

/** A relay for outgoing mail. */
export interface Smarthost {
  host: string;
  port: number;
  username: string;
  verifyTls: boolean;
}

/** A relay for outgoing mail. */
export interface SmarthostCreate {
  host: string;
  port?: number;
  username?: string;
  password?: string;
  verifyTls?: boolean;
}

/** The relay for all mail to an external domain. */
export interface SmarthostRoute {
  domain: string;
  smarthost: Smarthost;
}

/** An authority whose S/MIME certificates the organization trusts. `fingerprint`: SHA-256. */
export interface SmimeAuthority {
  fingerprint: string;
  name: string;
  until: string;
}

/** An installed version. The one of the first installation has the id `installed`. */
export interface SoftwareVersion {
  id: string;
  version: string;
  fixes: string[];
  chosen: boolean;
  running: boolean;
  healthy: boolean;
  previous: boolean;
  failed: string;
}

/** An address of this installation from which mail of a domain is sent; "": any. */
export interface SourceAddress {
  address?: string;
}

/** Training of an organization's spam filter. `enough`: lessons of each kind from which a script is decided; `silent`: too few lessons to be used; `shippedStart`: the shipped model is used as well. */
export interface SpamModel {
  counts: Record<string, number>;
  scripts: SpamModelScript[];
  enough: number;
  silent: boolean;
  shippedStart: boolean;
  taughtAt: string | null;
}

/** Lessons in one script. `decides`: such mail may be moved to Junk by training alone; until then `missingGood` and `missingBad` lessons are missing. */
export interface SpamModelScript {
  script: 'han' | 'hangul' | 'kana' | 'latin' | 'other';
  good: number;
  bad: number;
  missingGood: number;
  missingBad: number;
  decides: boolean;
}

/** The published SPF record. More `lookups` than `most` make it invalid (RFC 7208 §4.6.4). `problem`: "", missing, several, loop, unanswered. */
export interface SpfReport {
  text: string;
  lookups: number;
  most: number;
  problem: string;
}

/** The new sponsor of the account. */
export interface SponsorUpdate {
  sponsor: string;
}

/** A staged change and its state. */
export interface StagedChange {
  id: string;
  state: string;
  author: string;
  reason: string;
  madeAt: string;
  applyAt: string | null;
  begin: PolicyRule[];
  unset: string[];
}

/** A staged change to create as a draft. `applyAt` null: when it is applied by hand. */
export interface StagedChangeCreate {
  reason: string;
  begin?: PolicyRuleCreate[];
  unset?: PolicyRuleQuery[];
  applyAt?: string | null;
}

/** Effect of a change: for how many of `accounts` a value changes, and which past logins and messages would be decided differently. */
export interface StagedChangeDryRun {
  accounts: number;
  changed: number;
  byKnob: Record<string, number>;
  examples: EffectiveValueChange[];
  decisions: number;
  differently: number;
}

/** One line of the difference that a change makes. */
export interface StagedChangeLine {
  knob: string;
  scope: string;
  before: unknown;
  after: unknown;
}

/** Submit a draft. `ask`: request approval of another administrator even if none is required. */
export interface StagedChangeSubmitRequest {
  ask?: boolean;
}

/** What is looked at, and how many processes were measured lately and how many of them are silent (null: not visible). */
export interface Standing {
  items: StandingItem[];
  processes: number | null;
  silent: number | null;
}

/** Something that is looked at. `name`: an alarm condition (`alarm.queue.length`) or what waits (`approvals`); `value`: how much or how many, in the condition's unit; `about`: of what, "" for the whole; `since` null: unknown; `due`: of the pending ones, how many lapse within a day. `level` clear: looked at, and well; unknown: nobody can say. */
export interface StandingItem {
  name: string;
  level: 'clear' | 'critical' | 'notice' | 'unknown' | 'warning';
  value?: number;
  since?: string | null;
  about?: string;
  due?: number;
  acknowledgedBy?: string;
}

/** The MTA-STS policy of a domain (RFC 8461). `maxAge` in seconds. */
export interface StsPolicy {
  id: string;
  mode: string;
  maxAge: number;
  mx: string[];
}

/** The MTA-STS policy to publish; start with mode testing. */
export interface StsPolicyUpdate {
  mode: 'enforce' | 'none' | 'testing';
  mx?: string[];
  maxAge?: number;
}

/** A task. `state`: waiting, running, done, failed (`error` has the code, `detail` the reason in words, if any; `reasons` and `facts` as in an error), cancelled. `total` 0: not known. */
export interface Task {
  id: string;
  kind: string;
  state: string;
  done: number;
  total: number;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  cancelling: boolean;
  error: string;
  detail: string;
  reasons: string[];
  facts: Record<string, string | number>;
  result: object | null;
}

/** A temporary account. `mustTakeOver`: who has to become the sponsor because the previous one left. */
export interface TemporaryAccount {
  accountId: string;
  address: string;
  endsAt: string;
  agreedUntil: string;
  sponsor: string;
  mustTakeOver: string;
  askedUntil: string | null;
  reason: string;
}

/** A temporary account to create; it is used by a setup link. */
export interface TemporaryAccountCreate {
  address: string;
  name: string;
  endsAt: string;
  sponsor: string;
  reason?: string;
  insideOnly?: boolean;
}

/** Tiering of old messages: the target volume, minimum age in days, minimum size in bytes. `volumeId` null: none. */
export interface TieringRule {
  volumeId: string | null;
  days: number;
  least: number;
}

/** The tiering rule; `volumeId` null removes it. */
export interface TieringRuleUpdate {
  volumeId?: string | null;
  days?: number;
  least?: number;
}

/** An entry of the tables 직위 (position), 직책 (duty), 직급 (grade), 호칭 (honorific); the highest-ranking first. */
export interface Title {
  id: string;
  kind: string;
  name: string;
  position: number;
}

/** The entries of a table in order; unknown ones are created, omitted ones follow. */
export interface TitleOrderUpdate {
  kind: 'duty' | 'grade' | 'honorific' | 'position';
  names: string[];
}

/** The new name of a title. */
export interface TitleUpdate {
  name: string;
}

/** Number of authorities that are trusted for mail hosts in addition to those of the system. */
export interface TlsAuthorities {
  count: number;
}

/** PEM certificates that replace earlier ones; "": none. */
export interface TlsAuthoritiesUpdate {
  file?: string;
}

/** A host that may use outdated TLS versions until a date. `inward`: for incoming connections; `host` is then a network. */
export interface TlsException {
  host: string;
  port: number;
  inward: boolean;
  until: string;
}

/** A host that may use outdated TLS versions until a date. */
export interface TlsExceptionCreate {
  host: string;
  until: string;
  port?: number;
  inward?: boolean;
}

/** Why TLS sessions with the domain's hosts failed. */
export interface TlsFailure {
  result: string;
  host: string;
  address: string;
  reporter: string;
  sessions: number;
}

/** A domain for which verified TLS is required. */
export interface TlsPartner {
  domain: string;
  minimum: string;
  names: string[];
  defer: boolean;
}

/** Requirement of verified TLS. `defer`: mail waits while TLS is unavailable instead of being returned. */
export interface TlsPartnerUpdate {
  minimum?: '1.2' | '1.3';
  names?: string[];
  defer?: boolean;
}

/** Permission to sign in from a country for some days. */
export interface TravelExemption {
  id: string;
  accountId: string;
  address: string;
  country: string;
  validFrom: string;
  validUntil: string;
  state: string;
  reason: string;
}

/** Whether it is granted. */
export interface TravelExemptionDecision {
  granted: boolean;
}

/** The new state of a travel exemption. */
export interface TravelExemptionState {
  id: string;
  state: string;
}

/** One series. `label`: a country, volume, process or verdict; `values` by step, null: not measured. */
export interface TrendSeries {
  name: string;
  label: string;
  unit: string;
  kind: 'count' | 'gauge';
  values: (number | null)[];
}

/** Series over a range. `times`: start of each step in seconds since 1970; `unseen`: steps without a measurement. */
export interface Trends {
  of: 'company' | 'installation';
  stepSeconds: number;
  times: number[];
  lines: TrendSeries[];
  unseen: number;
}

/** An authority whose identity certificates are accepted. `fingerprint`: SHA-256; `name`, `until`: of its certificate. */
export interface TrustAuthority {
  fingerprint: string;
  domain: string;
  family: string;
  at: string;
  name: string;
  until: string;
}

/** A file with certificates of authorities to trust. */
export interface TrustAuthorityCreate {
  file: string;
  family?: 'gpki' | 'npki' | 'other';
  domain?: string;
}

/** A network of relays whose own Received line is believed. */
export interface TrustedRelay {
  network: string;
}

/** An address or network to trust: of hosts that always write a Received line. */
export interface TrustedRelayCreate {
  network: string;
}

/** A bundle with a valid signature of its vendor. */
export interface UpdateBundle {
  id: string;
  version: string;
  madeAt: string;
  fixes: string[];
  notes: string;
  files: number;
  wayBack: boolean;
}

/** A bundle. `noWayBack`: accept one that can be rolled back only by restoring a backup. */
export interface UpdateBundleUpload {
  content: string;
  noWayBack?: boolean;
}

/** The key that verifies bundles, "" for none; `proposalId`: another key waits for approval. */
export interface UpdateKey {
  key: string;
  proposalId?: string | null;
}

/** The vendor's public key (Ed25519, 32 bytes in base64). */
export interface UpdateKeyUpdate {
  key: string;
}

/** The version that runs after the rollback. */
export interface UpdateRollback {
  id: string;
}

/** A day, week or month. `people`: the hundred accounts with the most mail; a file has all. `missing`: days without data. */
export interface UsageReport {
  period: 'day' | 'month' | 'week';
  first: string;
  last: string;
  total: UsageTotals;
  whole: InboundTotals | null;
  days: UsageReportDay[];
  departments: UsageReportDepartment[];
  people: UsageReportPerson[];
  peopleCount: number;
  outsideIn: [string, number][];
  outsideOut: [string, number][];
  countries: [string, number, number][];
  dormant: number;
  used: number;
  growth: number;
  availability: ServiceAvailability[];
  missing: string[];
}

/** One day of a report. */
export interface UsageReportDay {
  day: string;
  tally: UsageTotals;
  whole: InboundTotals | null;
}

/** A department with all departments below it. */
export interface UsageReportDepartment {
  name: string;
  people: number;
  tally: UsageTotals;
}

/** One person of a report. */
export interface UsageReportPerson {
  accountId: string;
  login: string;
  name: string;
  tally: UsageTotals;
  used: number;
  growth: number;
}

/** Sums: copies received and their bytes, those from outside; messages sent, their bytes and recipients, those handed to other systems; spam, bounces, logins and failed logins. */
export interface UsageTotals {
  received: number;
  receivedOctets: number;
  receivedOutside: number;
  sent: number;
  sentOctets: number;
  recipients: number;
  handedOver: number;
  spam: number;
  bounced: number;
  logins: number;
  failures: number;
}

/** A reason for the verdict, with its weight. */
export interface VerdictReason {
  weight: number;
  text: string;
}

/** A domain that is verified and receives mail. */
export interface VerifiedDomain {
  name: string;
  state: string;
}

/** An organization whose directory is visible in addition to the own one. */
export interface VisibleOrganization {
  organizationId: string;
}

/** A volume. `place` "": the one of the node file. `away`: unreachable; `total`, `free` null: unlimited. */
export interface Volume {
  id: string;
  kind: 'local' | 's3';
  state: string;
  readOnly: boolean;
  weight: number;
  place: string;
  blobs: number;
  octets: number;
  away: boolean;
  total: number | null;
  free: number | null;
  daysToFull: number | null;
  unreadable: number;
  work: VolumeWork | null;
}

/** A location for blobs: a directory of its own (`path`) or a bucket. The keys of a bucket are stored encrypted. */
export interface VolumeCreate {
  kind?: 'local' | 's3';
  path?: string;
  bucket?: string;
  endpoint?: string;
  region?: string;
  prefix?: string;
  accessKey?: string;
  secretKey?: string;
  weight?: number;
}

/** A volume in use for new messages, and its measured speed. */
export interface VolumeCreated {
  id: string;
  measured: VolumeProbe;
}

/** A blob that cannot be read at its location. */
export interface VolumeFinding {
  blob: string;
  what: string;
  location: string;
  at: string;
}

/** A volume with its free and total bytes. `daysLeft` null: not enough data. */
export interface VolumeForecast {
  id: string;
  free: number;
  total: number;
  daysLeft: number | null;
}

/** Measured speed of a location: bytes written per second, milliseconds until a small write is durable, free bytes. */
export interface VolumeProbe {
  octetsPerSecond: number;
  syncMs: number;
  free: number | null;
}

/** Changed fields; null: unchanged. */
export interface VolumeUpdate {
  weight?: number | null;
  readOnly?: boolean | null;
}

/** Work on a volume. `octets`: moved or read; `total`: stored when it began; `cap` 0: unlimited. */
export interface VolumeWork {
  kind: 'drain' | 'rebalance' | 'scan' | 'tier';
  state: 'cancelled' | 'done' | 'paused' | 'running';
  percent: number;
  blobs: number;
  octets: number;
  total: number;
  unreadable: number;
  cap: number;
  startedAt: string;
  endedAt: string | null;
}

/** Speed limit of the work. */
export interface VolumeWorkUpdate {
  cap?: number;
}

/** A webhook. `seq`: the last event that it has accepted. `secret` is returned only once. */
export interface Webhook {
  id: string;
  url: string;
  label: string;
  types: string[];
  state: string;
  seq: number;
  attempts: number;
  failingSince: string | null;
  lastAt: string | null;
  lastStatus: number;
  createdAt: string;
  secret?: string;
}

/** A webhook to create. */
export interface WebhookCreate {
  url: string;
  label?: string;
  types?: string[];
}

/** The event after which sending starts again. */
export interface WebhookReplayRequest {
  after: number;
}

/** For how many hours events are signed with the previous secret as well. */
export interface WebhookSecretRotateRequest {
  overlapHours?: number;
}

/** A merge patch (RFC 7396); `state` active resumes a stopped webhook where it was. A changed host gets a new `secret`. */
export interface WebhookUpdate {
  url?: string;
  label?: string;
  types?: string[];
  state?: 'active' | 'paused';
}

/** A part of a list; `next` goes into `after` for the following part. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}
