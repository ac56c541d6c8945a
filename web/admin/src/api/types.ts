/** Shapes of the admin API. Made by tools/gen_api_ts.py; do not edit. */

/** How somebody is away. `until` null: nobody knows yet; `shut`: no door lets them in; `answer` "": the usual words. */
export interface AbsenceTold {
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

/** How somebody shall be away. Mail is always kept. `until`: back by themselves; `at`: from that day instead of now. */
export interface AbsenceWanted {
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

/** What would happen, and why. */
export interface AccessAnswer {
  action: string;
  reason: string;
  country: string;
  place: string;
  epoch: number;
  rules: AccessWhyRule[];
}

/** A rule to begin. `channels` empty: all; `networks` are exceptions that it always allows; `unknown`: what a rule about countries does where none is known, at most its own action. */
export interface AccessRuleNew {
  scope: string;
  action?: 'allow' | 'deny' | 'notify' | 'second_factor';
  mode?: 'anywhere' | 'outside' | 'within';
  countries?: string[];
  networks?: string[];
  channels?: ('admin' | 'dav' | 'imap' | 'jmap' | 'links' | 'pop3' | 'push' | 'sieve' | 'smtp' | 'web')[];
  window?: WindowAsked | null;
  condition?: object | null;
  private?: boolean;
  unknown?: 'allow' | 'deny' | 'notify' | 'second_factor';
  locked?: boolean;
  validFrom?: string | null;
  validUntil?: string | null;
}

/** The same with why, for a second person and the audit. */
export interface AccessRuleProposed {
  scope: string;
  action?: 'allow' | 'deny' | 'notify' | 'second_factor';
  mode?: 'anywhere' | 'outside' | 'within';
  countries?: string[];
  networks?: string[];
  channels?: ('admin' | 'dav' | 'imap' | 'jmap' | 'links' | 'pop3' | 'push' | 'sieve' | 'smtp' | 'web')[];
  window?: WindowAsked | null;
  condition?: object | null;
  private?: boolean;
  unknown?: 'allow' | 'deny' | 'notify' | 'second_factor';
  locked?: boolean;
  validFrom?: string | null;
  validUntil?: string | null;
  reason?: string;
}

/** A rule of who may come in from where. */
export interface AccessRuleTold {
  id: string;
  scope: string;
  action: string;
  mode: string;
  countries: string[];
  channels: string[];
  networks: string[];
  window: WindowTold | null;
  condition: object | null;
  private: boolean;
  unknown: string;
  locked: boolean;
  validFrom: string | null;
  validUntil: string | null;
}

/** That somebody looked at an account's mail, or took of it. `object` says at what (`ids`, `count`). */
export interface AccessTold {
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

/** A rule that is about the account, and what became of it. */
export interface AccessWhyRule {
  rule: AccessRuleTold;
  why: string;
}

/** An account to be made. Without a password nobody can sign in until a set-up link is used. */
export interface AccountNew {
  address: string;
  name: string;
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant' | '';
  department?: string;
  title?: string;
  kind?: 'person' | 'shared';
  password?: string | null;
}

/** A merge patch (RFC 7396): what is left out stays, `quota` null takes the limit away. */
export interface AccountPatch {
  quota?: number | null;
  state?: 'active' | 'closed';
}

/** An account. `quota` null: no limit. Sizes in octets. */
export interface AccountTold {
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
}

/** An account to be made; with it one agrees to the authority's terms. `keyId`, `macKey`: what it gave its customers. */
export interface AcmeAccountNew {
  directory: string;
  contact?: string;
  keyId?: string;
  macKey?: string;
}

/** The account at an authority; `directory` "" where there is none. */
export interface AcmeAccountTold {
  directory: string;
  contact: string;
  url: string;
}

/** Names of one certificate. */
export interface AcmeNames {
  names: string[];
}

/** A set of names whose certificate is fetched and renewed. `error`: the authority's last word, "" when all is well. */
export interface AcmeTold {
  name: string;
  names: string[];
  failures: number;
  nextAt: string | null;
  error: string;
}

/** Sign with a key from now on; `unchecked`: also where DNS does not show its record yet. */
export interface Activation {
  unchecked?: boolean;
}

/** An address that stands for others. */
export interface AddressHit {
  kind: 'alias' | 'list';
  address: string;
}

/** Another address that the account has from now on. */
export interface AddressNew {
  address: string;
}

/** An address of an account. */
export interface AddressTold {
  address: string;
}

/** What changes of a condition; null stays. A `silentUntil` that is over ends the silence. */
export interface AlarmRulePatch {
  warning?: number | null;
  critical?: number | null;
  quietMinutes?: number | null;
  enabled?: boolean | null;
  silentUntil?: string | null;
}

/** A condition with its bounds. `direction`: whether much or little is bad. `silentUntil`: nobody is told until then. */
export interface AlarmRuleTold {
  name: string;
  unit: string;
  direction: 'above' | 'below';
  warning: number;
  critical: number;
  quietMinutes: number;
  enabled: boolean;
  silentUntil: string | null;
}

/** How many were written to. */
export interface AlarmTestTold {
  readers: number;
}

/** What is tried: the mail to the administrators, or the relay. */
export interface AlarmTestWanted {
  way?: 'mail' | 'relay';
}

/** An alarm. `value` and `peak` (the worst) in `unit`; `subject` "": the whole installation; `endedAt` null: it stands. */
export interface AlarmTold {
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

/** How alarms are told beside by mail to the administrators: `host` takes those about the queue past the queue ("": none), to the addresses `to` (else to the administrators). */
export interface AlarmWaysTold {
  host: string;
  port: number;
  tls: 'none' | 'starttls' | 'tls';
  to: string[];
}

/** The relay for alarms about the queue; `host` "" forgets it. */
export interface AlarmWaysWanted {
  host?: string;
  port?: number;
  tls?: 'none' | 'starttls' | 'tls';
  to?: string[];
}

/** An alias and whom it stands for. */
export interface AliasTold {
  address: string;
  targets: string[];
}

/** A network that is never shut out until a time; `partner`: its mail is not put off either. */
export interface AllowNew {
  network: string;
  until: string;
  partner?: boolean;
  note?: string;
}

/** An exception with an end. `note`: why. */
export interface AllowTold {
  subject: string;
  kind: string;
  since: string;
  until: string;
  by: string;
  note: string;
}

/** The end of the company's chain of records, and the key that anchors and exports are checked with. */
export interface AnchorTold {
  seq: number;
  digest: string;
  publicKey: string;
}

/** An appearance. `hue` null: our colour; `logo` null: as it was. */
export interface AppearancePut {
  domain?: string;
  name?: string;
  hue?: number | null;
  logo?: string | null;
}

/** An appearance. `logo`: PNG in base64, "" for none; colours as CSS has them, corrected so that they can be read. */
export interface AppearanceTold {
  domain: string;
  name: string;
  hue: number | null;
  logo: string;
  light: Record<string, string>;
  dark: Record<string, string>;
  changedAt: string;
}

/** Let an account hold a role. */
export interface AppointmentNew {
  accountId: string;
  role: string;
  scope: string;
  expiresAt?: string | null;
  reason?: string;
}

/** That an account holds a role over a scope. */
export interface AppointmentTold {
  id: string;
  accountId: string;
  role: string;
  scope: string;
  begunAt: string;
  expiresAt: string | null;
  address?: string;
}

/** A question that waits. `subject`: the list, or what else it is about; `subjectText`: the message's subject. */
export interface ApprovalTold {
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
}

/** A file of a message; its octets are in the original. */
export interface AttachedTold {
  name: string;
  type: string;
  size: number;
}

/** A certificate of an authority. */
export interface AuthorityFile {
  file: string;
}

/** Authorities of a file to be trusted. */
export interface AuthorityNew {
  file: string;
  family?: 'gpki' | 'npki' | 'other';
  domain?: string;
}

/** An authority whose certificates count. `fingerprint`: SHA-256. */
export interface AuthorityTold {
  fingerprint: string;
  domain: string;
  family: string;
  at: string;
}

/** What is wrong. */
export interface BackupFindingTold {
  trouble: string;
  object: string;
  meaning: string;
}

/** Where backups go and when. `source`: `file` (the node file's section), `set` (set here), `none`. `hour` in UTC, -1: by hand only; `rate` octets a second, 0: no bound; `rehearseDays` 0: no rehearsal by itself. */
export interface BackupPlanTold {
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

/** The plan as it shall be: a directory or a bucket. `secretKey` "" keeps the one of the same endpoint, bucket and user. */
export interface BackupPlanWanted {
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

/** Why it is taken now. */
export interface BackupReason {
  reason?: string;
}

/** What was done: a backup, its verification, a rehearsal, a restore. `facts`: counts, never content. */
export interface BackupRunTold {
  id: string;
  kind: string;
  state: string;
  backup: string;
  begunAt: string;
  endedAt: string | null;
  facts: object;
}

/** Whether one can rely on the backups. `rehearsal`: the newest, whatever came of it. */
export interface BackupStandingTold {
  green: boolean;
  place: string;
  backupAt: string | null;
  rehearsalAt: string | null;
  findings: BackupFindingTold[];
  rehearsal: BackupRunTold | null;
}

/** A finished backup. `whole` false: blobs were missing, or its manifest does not open. */
export interface BackupTold {
  id: string;
  takenAt: string;
  accounts: number;
  messages: number;
  rowOctets: number;
  missing: number;
  whole: boolean;
}

/** A network to be shut out until a time. */
export interface BanNew {
  network: string;
  until: string;
  note?: string;
}

/** A network that no door opens for. `evidence` counts; `note`: why, where a person made it. */
export interface BanTold {
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

/** An address, and what it becomes. */
export interface Becomes {
  address: string;
  becomes: string;
}

/** What of a person's mail comes back: all, a mailbox (its path, from the top), or one message (`messageId`, or the Message-ID of its header as `headerId`), as of a day; what is missing in place, or with `beside` all of it in a mailbox of its own. */
export interface Bringing {
  reason: string;
  mailbox?: string[];
  messageId?: string | null;
  headerId?: string;
  at?: string | null;
  beside?: boolean;
}

/** The same for everybody of the company. */
export interface BringingAll {
  reason: string;
  at?: string | null;
  beside?: boolean;
}

/** A bulletin to be published. `pinned`: above the list of mail; `popup`: comes up once for each person; `mustRead`: stays until one says that one read it. */
export interface BulletinNew {
  title: string;
  place: string;
  shownFrom: string;
  shownUntil: string;
  body?: string;
  pinned?: boolean;
  popup?: boolean;
  mustRead?: boolean;
}

/** A merge patch (RFC 7396). The last one: everybody is shown it again, and asked again who had read it. */
export interface BulletinPatch {
  title?: string;
  body?: string;
  place?: string;
  shownFrom?: string;
  shownUntil?: string;
  pinned?: boolean;
  popup?: boolean;
  mustRead?: boolean;
  anew?: boolean;
}

/** A bulletin. `placeName`: whom it is for, in words; `by`: who made it; `shown`: whether it is now. */
export interface BulletinTold {
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
  by: string;
  changedAt: string;
}

/** A bundle. `noWayBack`: also one after which only a backup leads back. */
export interface BundleAsked {
  content: string;
  noWayBack?: boolean;
}

/** A bundle that is what its vendor signed. */
export interface BundleTold {
  id: string;
  version: string;
  madeAt: string;
  fixes: string[];
  notes: string;
  files: number;
  wayBack: boolean;
}

/** How an act went. `spared`: octets that came free; `findings` of a check, `troubles` how many there were. */
export interface CareDoneTold {
  act: string;
  at: string;
  seconds: number;
  good: boolean;
  spared: number;
  troubles: number;
  findings: string[];
}

/** How far a case is. */
export interface CaseChange {
  state: 'confirmed' | 'dismissed' | 'examining' | 'open';
  note?: string;
}

/** The evidence without what the message says. Lists are those of all reports; header, way and files of the first. */
export interface CaseEvidenceTold {
  headers: FieldTold[];
  hops: HopTold[];
  proofs: ProofTold[];
  reasons: WeighedTold[];
  nature: string;
  country: string;
  senders: string[];
  messageIds: string[];
  hosts: string[];
  urls: string[];
  addresses: string[];
  files: FileTold[];
  octets: number;
  sha256: string;
  reports: ReportedTold[];
  done: DoneTold[];
}

/** What the message says, as plain text. */
export interface CaseMessageTold {
  text: string;
}

/** Who has mail of the case; `accounts` and `messages` count all, `people` are the first thousand. */
export interface CaseReach {
  accounts: number;
  messages: number;
  people: HolderTold[];
}

/** Why it is opened. */
export interface CaseReason {
  reason: string;
}

/** One campaign, however many reported it. */
export interface CaseTold {
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

/** A line of a certificate. */
export interface CertificateLine {
  label: string;
  value: string;
}

/** A chain and its key as PEM, or both in one PKCS #12 file (base64) without `key`. */
export interface CertificateNew {
  file: string;
  key?: string;
  password?: string;
}

/** A certificate that the doors show. */
export interface CertificateTold {
  id: string;
  names: string[];
  issuer: string;
  since: string;
  until: string;
  source: string;
}

/** A question to be answered: one of `kinds`, until its end. */
export interface Challenge {
  challenge: string;
  kinds: string[];
  expiresAt: string;
}

/** A change to be made as a draft; `applyAt` null: as soon as somebody applies it. */
export interface ChangeNew {
  reason: string;
  begin?: RuleSet[];
  unset?: RuleWhere[];
  applyAt?: string | null;
}

/** A change that waits, or what became of it. */
export interface ChangeTold {
  id: string;
  state: string;
  author: string;
  reason: string;
  madeAt: string;
  applyAt: string | null;
  begin: RuleTold[];
  unset: string[];
}

/** A domain that is not proved yet: the TXT record `record` is published with `text`, then it is proved. */
export interface ClaimTold {
  name: string;
  claimedAt: string;
  record: string;
  text: string;
}

/** How many accounts were open. */
export interface Closed {
  accounts: number;
}

/** A company to be opened. `local`: its first administrator's address before the @; `person`: their name. */
export interface CompanyNew {
  name: string;
  domain: string;
  local: string;
  person: string;
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant' | '';
}

/** The company, its administrator's address, and the link (24 hours, once) by which they choose their password. */
export interface CompanyOpened {
  id: string;
  name: string;
  login: string;
  token: string;
  url: string;
}

/** A company: its state and its domains. */
export interface CompanyTold {
  id: string;
  name: string;
  state: string;
  domains: string[];
}

/** Who agreed to which version, when and from where. */
export interface ConsentTold {
  login: string;
  name: string;
  version: number;
  at: string;
  address: string | null;
}

/** A counter of one minute. */
export interface CountTold {
  name: string;
  label: string;
  value: number;
}

/** A country that an account has logged in from. */
export interface CountryTold {
  country: string;
  firstAt: string;
  lastAt: string;
}

/** A way to prove oneself; never a secret. */
export interface CredentialTold {
  id: string;
  kind: string;
  label: string;
  createdAt: string;
  expiresAt: string | null;
  doors: string[];
  networks: string[];
  lastUsedAt: string | null;
}

/** `check` reads everything; `optimise` counts anew what ways are planned by; `give-back` returns spare room in steps; `rewrite` writes everything anew, and mail waits for it. */
export interface DatabaseCareWanted {
  act: 'check' | 'give-back' | 'optimise' | 'rewrite';
}

/** The week's care. `weekday` 0 (Monday) to 6, -1: never by itself; `hour` in UTC. */
export interface DatabasePlanTold {
  weekday: number;
  hour: number;
  check: boolean;
  optimise: boolean;
  giveBack: boolean;
}

/** The week's care as it shall be. */
export interface DatabasePlanWanted {
  weekday: number;
  hour?: number;
  check?: boolean;
  optimise?: boolean;
  giveBack?: boolean;
}

/** A table with its indexes; `rows` as the database reckons them. */
export interface DatabaseTableTold {
  name: string;
  rows: number;
  octets: number;
}

/** The database. `spare`: octets inside that hold nothing; `log` and `disk` null: only its own host knows; `stepwise`: spare room can be given back while mail goes on; `needed`: free octets that a rewrite needs; `measuredAt`: of when the tables are. */
export interface DatabaseTold {
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
  tables: DatabaseTableTold[];
  done: CareDoneTold[];
  backupAt: string | null;
}

/** What was decided. */
export interface Decision {
  approve: boolean;
  note?: string;
}

/** An address whose mail goes to whoever is in the department. */
export interface DepartmentMail {
  address: string;
  below?: boolean;
  post?: 'anyone' | 'inside' | 'members' | 'moderators';
}

/** A department to be made; without a code its name is the code. */
export interface DepartmentNew {
  name: string;
  code?: string;
  parentId?: string;
  position?: number;
}

/** A merge patch (RFC 7396); another parent moves it with all below it. */
export interface DepartmentPatch {
  name?: string;
  parentId?: string;
  position?: number;
}

/** A department. */
export interface DepartmentTold {
  id: string;
  code: string;
  name: string;
  parentId: string;
  position: number;
}

/** Limits to be set. */
export interface DestinationSet {
  connections?: number;
  perMinute?: number;
  source?: string;
}

/** Limits of a destination: a domain, a `.suffix` of its hosts, or `*`. `perMinute` 0: no limit. */
export interface DestinationTold {
  connections: number;
  perMinute: number;
  source: string;
}

/** On what ground a closed account's data are destroyed for good, and why now. */
export interface DestructionAsked {
  ground: string;
  reason: string;
}

/** A certificate of destruction (파기 확인서) in the reader's language. */
export interface DestructionCertificate {
  language: string;
  title: string;
  lines: CertificateLine[];
  closing: string;
}

/** An entry of the register (파기 대장). `name`, `login`: of the person, as long as the company's key opens them. */
export interface DestructionTold {
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

/** What came from an address in the domain's name. */
export interface DmarcSourceTold {
  source: string;
  dkim: string;
  spf: string;
  disposition: string;
  messages: number;
}

/** A record to publish. `state`: published, missing, different, unanswered, or unasked where nobody looked. */
export interface DnsRecordTold {
  purpose: string;
  name: string;
  kind: string;
  text: string;
  state: string;
}

/** A domain to be received for. */
export interface DomainNew {
  name: string;
}

/** What it came to. `clashes`: names that are taken there; `moves`: lists and aliases; `proposalId`: it waits for another administrator. */
export interface DomainRenamed {
  accounts: number;
  done: number;
  clashes: Becomes[];
  moves: Becomes[];
  proposalId?: string | null;
}

/** Give everybody in the domain, its lists and aliases names in another one of the company. Without `apply` it is only looked at. */
export interface DomainRenaming {
  domain: string;
  months?: number;
  apply?: boolean;
  reason?: string;
}

/** A domain whose mail a company receives. */
export interface DomainTold {
  name: string;
  organizationId: string;
  state: string;
}

/** The account as it is now, or the number of what is planned. */
export interface Done {
  account: AccountTold | null;
  plannedId: string | null;
}

/** What was done about the case. */
export interface DoneTold {
  at: string;
  actor: string;
  action: string;
}

/** What one knob comes to for an account: its value, and the rule's scope ("": nobody has set it). */
export interface EffectiveTold {
  knob: string;
  value: unknown;
  level: string;
  scope: string;
}

/** How originals lie: under which master key since when (null: since the beginning), and under which suite new ones. */
export interface EncryptionTold {
  masterKey: string;
  since: string | null;
  suite: 'AES-256-GCM' | 'ChaCha20-Poly1305';
}

/** Why a rule shall end. */
export interface EndProposed {
  reason?: string;
}

/** How many were ended. */
export interface Ended {
  ended: number;
}

/** An address; `until` null: it stays. */
export interface EndingAddress {
  address: string;
  until: string | null;
}

/** A scan engine; `problem` "" when it answers. */
export interface EngineTold {
  name: string;
  kind: string;
  problem: string;
  signaturesAt: string | null;
  stale: boolean;
}

/** A message in the queue, with those of its recipients that are meant. */
export interface EntryTold {
  id: string;
  sender: string;
  accountId: string | null;
  size: number;
  createdAt: string;
  expiresAt: string;
  recipients: WaitingTold[];
}

/** The number of the policy as it is from now on. */
export interface Epoch {
  epoch: number;
}

/** The number of an earlier policy. */
export interface EpochAsked {
  epoch: number;
}

/** What is wrong in a line, and what to do, in the reader's language. */
export interface ErrorTold {
  line: number;
  column: string;
  code: string;
  value: string;
  text: string;
}

/** One thing that happened. */
export interface EventTold {
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
}

/** The same, to be set. */
export interface ExceptionNew {
  host: string;
  until: string;
  port?: number;
  inward?: boolean;
}

/** A host that may speak old TLS until a day. `inward`: it comes to us; then `host` is a network. */
export interface ExceptionTold {
  host: string;
  port: number;
  inward: boolean;
  until: string;
}

/** Why a knob has its value for an account; the strongest rule comes first. */
export interface Explanation {
  knob: string;
  value: unknown;
  epoch: number;
  rules: WhyRule[];
}

/** Which records go into a file, and why (ten characters at least). A file of JSON lines can be verified. */
export interface ExportAsked {
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
}

/** What is taken out, and why (ten characters or more). */
export interface ExportNew {
  kind: 'aliases' | 'departments' | 'domains' | 'groups' | 'lists' | 'people' | 'shared';
  reason: string;
}

/** A table in base64: CSV in UTF-8 with its mark. */
export interface Exported {
  kind: string;
  rows: number;
  content: string;
}

/** A later end, and why. */
export interface ExtensionAsked {
  until: string;
  reason: string;
}

/** Whether the later end is granted. */
export interface ExtensionDecided {
  granted: boolean;
}

/** What would be destroyed, and what keeps it: accounts under a legal hold, accounts that are not closed. */
export interface ExtentTold {
  accounts: number;
  messages: number;
  octets: number;
  held: string[];
  open: string[];
  isClosed: boolean;
}

/** A second factor to be enrolled; the password once more. */
export interface FactorBegun {
  kind: 'passkey' | 'totp';
  password: string;
}

/** The answer; `response` as the kind has it ({"code": …}). */
export interface FactorFinished {
  challenge: string;
  kind: 'passkey' | 'totp';
  label: string;
  response: object;
}

/** The factor, and with the first one the recovery codes: shown once. */
export interface FactorMade {
  factor: OwnFactor;
  recovery: string[];
}

/** What the page needs for it: for an authenticator app the secret, and a picture of it. */
export interface FactorShown {
  challenge: string;
  shown: object;
}

/** A second factor that is enrolled. */
export interface FactorTold {
  id: string;
  kind: string;
  label: string;
  createdAt: string;
  lastUsedAt: string | null;
}

/** All of an account, and how many recovery codes are left. */
export interface Factors {
  factors: FactorTold[];
  recoveryCodes: number;
}

/** The same, to be set. `identity`: the identity number must be proved; `rebind`: a renewed one takes the old one's place. */
export interface FamilyRuleSet {
  family: 'gpki' | 'npki' | 'other';
  domain?: string;
  enabled?: boolean;
  policies?: string[];
  identity?: boolean;
  rebind?: boolean;
}

/** How a family of certificates counts. `policies` empty: every purpose. */
export interface FamilyRuleTold {
  domain: string;
  family: string;
  enabled: boolean;
  policies: string[];
  identity: boolean;
  rebind: boolean;
}

/** A line of the header. */
export interface FieldTold {
  name: string;
  value: string;
}

/** One day of a report. */
export interface FigureDay {
  day: string;
  tally: FigureTally;
  whole: FigureWhole | null;
}

/** A department with all below it. */
export interface FigureDepartment {
  name: string;
  people: number;
  tally: FigureTally;
}

/** One person of a report. */
export interface FigurePerson {
  accountId: string;
  login: string;
  name: string;
  tally: FigureTally;
  used: number;
  growth: number;
}

/** A day, week or month. `people` are the hundred with most mail; a file has all. `missing`: days not counted. */
export interface FigureReport {
  period: 'day' | 'month' | 'week';
  first: string;
  last: string;
  total: FigureTally;
  whole: FigureWhole | null;
  days: FigureDay[];
  departments: FigureDepartment[];
  people: FigurePerson[];
  peopleCount: number;
  outsideIn: [string, number][];
  outsideOut: [string, number][];
  countries: [string, number, number][];
  dormant: number;
  used: number;
  growth: number;
  availability: ServiceServed[];
  missing: string[];
}

/** Sums: copies received and their octets, from outside; messages sent, their octets, recipients, of these taken by other systems; copies for the spam mailbox; recipients that bounced; logins and failed ones. */
export interface FigureTally {
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

/** What only the company has: messages from outside, found to be spam, with malware, refused at the door. */
export interface FigureWhole {
  incoming: number;
  incomingOctets: number;
  spam: number;
  virus: number;
  rejected: number;
}

/** An attachment by its hash; `sha256` "" for one too large to be read whole. */
export interface FileTold {
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
}

/** What was counted: the whole, and the greatest parts (name and number). */
export interface Finding {
  name: string;
  total: number;
  top: [string, number][];
}

/** A mail from the administrator by the way that all mail takes. */
export interface FirstMailNew {
  to: string;
  subject: string;
  text: string;
}

/** What became of it. `state`: queued, delivered, failed; `inbox`: how many messages the writer has received. */
export interface FirstMailTold {
  id: string;
  to: string;
  state: string;
  reply: string;
  inbox: number;
}

/** The company, its first domain and administrator. `token`: what the start printed; `local`: before the @. */
export interface Founding {
  token: string;
  organization: string;
  domain: string;
  local: string;
  name: string;
  language: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant';
  password: string;
}

/** A file: CSV (first,last,value or network,value), MMDB, or a table of ours, in base64. `kind` null: as it says itself. */
export interface GeoFileNew {
  content: string;
  kind?: 'asn' | 'country' | null;
  source?: string;
  licence?: string;
  date?: string;
}

/** A table of addresses that is in force. */
export interface GeoTable {
  kind: string;
  source: string;
  licence: string;
  date: string;
  ranges: number;
}

/** The address of a list. */
export interface GivenAddress {
  address: string;
}

/** For how long, and why: the reason is kept sealed in the audit. */
export interface GlassAsked {
  minutes: number;
  reason: string;
}

/** An opening: for whom, by whom, through which door and from where. `reason` null: not shown to this role. */
export interface GlassShown {
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

/** When it ends by itself. */
export interface GlassTold {
  until: string;
}

/** Whether it is granted. */
export interface Granting {
  granted: boolean;
}

/** A group. */
export interface GroupHit {
  id: string;
  name: string;
}

/** An account in a group. */
export interface GroupMember {
  accountId: string;
  address: string;
  name: string;
}

/** A group to be made. */
export interface GroupNew {
  name: string;
  priority?: number;
}

/** A group that an account is in. */
export interface GroupOf {
  id: string;
  name: string;
}

/** A merge patch (RFC 7396). */
export interface GroupPatch {
  name?: string;
  priority?: number;
}

/** A group. */
export interface GroupTold {
  id: string;
  organizationId: string;
  name: string;
  priority: number;
}

/** One recipient's mail in quarantine. `nature`: why it is held. */
export interface HeldTold {
  id: string;
  accountId: string | null;
  sender: string;
  recipient: string;
  subject: string;
  nature: string;
  dangerous: boolean;
  size: number;
  at: string;
}

/** A hold to be placed. */
export interface HoldNew {
  accountId: string;
  matter: string;
  messageId?: number;
}

/** A legal hold on one message, or on everything of an account (`messageId` 0). */
export interface HoldTold {
  accountId: string;
  messageId: number;
  matter: string;
  at: string;
  actor: string;
  address?: string;
}

/** A person in whose mailboxes mail of the case lies. */
export interface HolderTold {
  accountId: string;
  messages: number;
}

/** One thing that somebody holds. `choices`: what can be done with its kind, the usual first. */
export interface HoldingTold {
  kind: string;
  thing: string;
  label: string;
  choices: string[];
}

/** A host that handed it on. `verified`: seen by a host of ours, all others are claims. */
export interface HopTold {
  verified: boolean;
  address: string;
  name: string;
  country: string;
}

/** A host. */
export interface HostAsked {
  host: string;
  port?: number;
  priority?: number;
}

/** A host; the least priority first. */
export interface HostTold {
  host: string;
  port: number;
  priority: number;
}

/** An import, what it comes to, and the job that does it. */
export interface ImportBegun {
  importId: string;
  report: ReportTold;
  job: JobTold;
}

/** One act. `ending` "": not yet; done, same, failed, undone, left. */
export interface ImportLineTold {
  line: number;
  what: string;
  key: string;
  ending: string;
  detail: string;
}

/** A table to be brought in. `sure`: also when more than 5 in a hundred people would be closed; `partly`: without the rows that are wrong. */
export interface ImportNew {
  kind: 'aliases' | 'departments' | 'domains' | 'groups' | 'lists' | 'people' | 'shared';
  content: string;
  encoding?: string;
  columns?: Record<string, string>;
  whole?: boolean;
  domain?: string;
  months?: number;
  sure?: boolean;
  partly?: boolean;
}

/** An import. `state`: waiting, running, cancelling, cancelled, done, undoing, undone. */
export interface ImportTold {
  id: string;
  kind: string;
  state: string;
  done: number;
  total: number;
  failed: number;
  createdAt: string;
  endedAt: string | null;
}

/** A table to be looked at. `content`: the file in base64; `columns`: header → field ("" leaves a column out); `whole`: who is not in it is closed; `domain`: for logins without one; `months`: how long old logins stay addresses. */
export interface ImportTried {
  kind: 'aliases' | 'departments' | 'domains' | 'groups' | 'lists' | 'people' | 'shared';
  content: string;
  encoding?: string;
  columns?: Record<string, string>;
  whole?: boolean;
  domain?: string;
  months?: number;
}

/** An investigation to be proposed; another administrator confirms it. */
export interface InvestigationNew {
  accountId: string;
  until: string;
  reason: string;
}

/** A time in which an account's person is not shown the looks of two others. */
export interface InvestigationTold {
  id: string;
  accountId: string;
  since: string;
  until: string;
  proposedBy: string;
  confirmedBy: string;
  confirmedAt: string | null;
  reason: string;
}

/** A one-time token with which a new person sets the first password; shown once. */
export interface InvitationTold {
  accountId: string;
  login: string;
  name: string;
  token: string;
}

/** Invitations of an import. */
export interface Invited {
  items: InvitationTold[];
}

/** Whose list was taken. */
export interface Issuer {
  issuer: string;
}

/** Long work. `state`: waiting, running, done, failed (`error` has the code), cancelled. `total` 0: not known. */
export interface JobTold {
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
  result: object | null;
}

/** The same, to be set. */
export interface JournalSet {
  address: string;
  domain?: string;
}

/** Where a copy of every accepted message goes. `domain` "": of the whole company. */
export interface JournalTold {
  domain: string;
  address: string;
}

/** Whose keys: a company's own, those of all its accounts, or (by `address`) that of one. `organizationId` "": one's own. */
export interface KeyChangeNew {
  scope: 'account' | 'accounts' | 'organization';
  reason: string;
  organizationId?: string;
  address?: string;
}

/** A change of keys. `subject`: the company's name, or the address; `secondsLeft` null: not known yet. `failed`: values that did not open before. `destroyedAt`: since when the keys of before are destroyed (those of companies stay). */
export interface KeyChangeTold {
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

/** A key to be made for oneself: no more than the permissions that are named, at most a year. */
export interface KeyNew {
  label: string;
  permissions: ('access.change' | 'access.read' | 'account.change' | 'account.read' | 'account.secrets' | 'account.sessions' | 'audit.export' | 'audit.read' | 'backup.read' | 'backup.restore' | 'backup.run' | 'bulletin.change' | 'bulletin.read' | 'case.change' | 'case.read' | 'certificate.change' | 'certificate.read' | 'company.change' | 'defence.change' | 'defence.read' | 'destruction.read' | 'destruction.run' | 'domain.change' | 'domain.read' | 'export.run' | 'group.change' | 'group.read' | 'hold.change' | 'hold.read' | 'import.run' | 'investigation.run' | 'key.change' | 'key.read' | 'message.open' | 'message.read' | 'node.change' | 'node.read' | 'organization.change' | 'organization.read' | 'pass.decide' | 'policy.change' | 'policy.read' | 'quarantine.change' | 'quarantine.read' | 'queue.change' | 'queue.read' | 'report.change' | 'report.read' | 'review.sign' | 'role.change' | 'role.read' | 'siem.change' | 'siem.read' | 'signing.change' | 'signing.read' | 'spam.change' | 'spam.read' | 'trace.read' | 'webhook.change' | 'webhook.read')[];
  expiresAt: string;
  networks?: string[];
}

/** The whole schedule. */
export interface KeyScheduleNew {
  accounts: number;
  organizations: number;
}

/** Every how many months keys change by themselves, 0: never. `since` null: it was never said. */
export interface KeyScheduleTold {
  accounts: number;
  organizations: number;
  since: string | null;
}

/** A key. `secret` is told once, when it is made. */
export interface KeyTold {
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

/** The shares of a new kit. Each goes to another person, on paper. */
export interface KitMade {
  kit: string;
  masterKey: string;
  need: number;
  shares: ShareTold[];
}

/** How many shares, how many of them give the key, why one is made. */
export interface KitNew {
  reason: string;
  count?: number;
  need?: number;
}

/** The newest recovery kit. `fits`: it is of the key in use; `due`: one is to be made or rehearsed. `kit` "": none. */
export interface KitTold {
  masterKey: string;
  kit: string;
  need: number;
  count: number;
  madeAt: string | null;
  rehearsedAt: string | null;
  fits: boolean;
  due: boolean;
}

/** Something that policy decides: its name, and what it does in the reader's language. */
export interface KnobHit {
  name: string;
  help: string;
}

/** One thing that policy decides. `help`: what it does, in the reader's language; `zeroIsNone`: 0 is no limit. */
export interface KnobTold {
  name: string;
  default: unknown;
  levels: string[];
  help: string;
  kind: 'choice' | 'count' | 'flag' | 'names' | 'networks' | 'text';
  choices: string[];
  least: number | null;
  most: number | null;
  zeroIsNone: boolean;
}

/** When somebody leaves: no login and no mail from then on. */
export interface Leaving {
  at: string;
}

/** A leaver. `state`: planned, running, done, restored or destroyed. */
export interface LeavingTold {
  accountId: string;
  state: string;
  effectiveAt: string;
  successor: string | null;
  reader: string | null;
  readUntil: string | null;
  destroyAt: string;
  address?: string;
}

/** How somebody leaves. `choices`: kind → what is done instead of the usual; `at` null: now. */
export interface LeavingWanted {
  successor?: string | null;
  reader?: string | null;
  choices?: Record<string, 'end' | 'hand' | 'hold'>;
  answer?: string;
  reason?: string;
  at?: string | null;
}

/** One line of what a change does. */
export interface LineTold {
  knob: string;
  scope: string;
  before: unknown;
  after: unknown;
}

/** A link that sets a password once, within 24 hours. */
export interface Link {
  token: string;
  url: string;
}

/** A member of a list: an address, or a group or department by its number. */
export interface ListMember {
  address: string;
  group: number;
  department: number;
}

/** A list to be made. */
export interface ListNew {
  address: string;
  name: string;
  owners: string[];
  post?: 'anyone' | 'inside' | 'members' | 'moderators';
}

/** A merge patch (RFC 7396). */
export interface ListPatch {
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

/** A distribution list. */
export interface ListTold {
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

/** How it stands: recipients that wait and are held, the oldest (seconds), and the counters of the minute that lasts and of the one before it. */
export interface LiveTold {
  at: string;
  of: 'company' | 'installation';
  waiting: number;
  held: number;
  oldestSeconds: number;
  minute: CountTold[];
  lastMinute: CountTold[];
}

/** A line of the log; what names people or hosts in `fields` is masked. */
export interface LogTold {
  at: string;
  level: string;
  event: string;
  process: string;
  fields: Record<string, string>;
}

/** One knock on a door. */
export interface LoginTold {
  id: string;
  at: string;
  door: string;
  address: string;
  result: string;
}

/** A login that is only thought of. */
export interface LoginTry {
  address: string;
  door?: 'admin' | 'dav' | 'imap' | 'jmap' | 'pop3' | 'sieve' | 'smtp' | 'web';
  proof?: '' | 'app' | 'certificate' | 'password' | 'token';
  secondFactor?: boolean;
  deviceKnown?: boolean;
}

/** What is known of a domain's logo: who owns and who confirmed it, or `reason` why there is none. Until `until`. Nothing is known of a domain whose mail the company has not had. `standing` of the certificate: good, unknown (who knows could not be asked), none (it names nobody), "" (not asked). */
export interface LogoTold {
  domain: string;
  kind: string;
  owner: string;
  issuer: string;
  size: number;
  reason: string;
  until: string;
  standing?: string;
}

/** Volumes and processes; empty for who may not see them. */
export interface MachinesTold {
  volumes: VolumeOutlookTold[];
  processes: ProcessSeenTold[];
}

/** The number of what was made. */
export interface MadeNumber {
  id: string;
}

/** An authority whose S/MIME certificates the company trusts. `fingerprint`: SHA-256. */
export interface MailAuthorityTold {
  fingerprint: string;
  name: string;
  until: string;
}

/** A pull. Who one is over there, and what the other side said, is its person's own. `reason` "": nothing is in the way. */
export interface MailPullTold {
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

/** An authority whose mark certificates the company trusts. `fingerprint`: SHA-256. */
export interface MarkAuthorityTold {
  fingerprint: string;
  name: string;
  until: string;
}

/** Who is signed in, and what they may do. */
export interface Me {
  accountId: string;
  organizationId: string;
  address: string;
  owes: string[];
  holdings: Scoped[];
}

/** Bring all people of the company into a domain of another one. Without `apply` it is only looked at. `mailbox`: mail goes along; `at`: on that day instead of now; `reason` where a second administrator is asked. */
export interface MergerAsked {
  domain: string;
  mailbox?: boolean;
  months?: number;
  at?: string | null;
  apply?: boolean;
  reason?: string;
}

/** The domain into which nobody shall go any more. */
export interface MergerEnd {
  domain: string;
}

/** How many transfers were taken back. */
export interface MergerEnded {
  people: number;
}

/** How far a planned merger is: its people who wait, went, could not go, were taken back. */
export interface MergerStandingTold {
  domain: string;
  effectiveAt: string;
  waiting: number;
  done: number;
  failed: number;
  cancelled: number;
}

/** A merger. `clashes`: names that are taken there; `numbers`: logins whose employee number is; `staying`: shared accounts, which stay. `done`: how many went, or were planned; `proposalId`: it waits for another administrator. */
export interface MergerTold {
  people: number;
  done: number;
  clashes: Becomes[];
  numbers: string[];
  staying: string[];
  refused: Refused[];
  proposalId?: string | null;
}

/** What an act would meet. */
export interface Met {
  entries: number;
  recipients: number;
  octets: number;
}

/** A network address: whether it is kept out now; null: not for the caller to know. */
export interface NetworkHit {
  address: string;
  banned: boolean | null;
}

/** Why a node cannot do its part. */
export interface NodeProblem {
  node: string;
  problem: string;
}

/** Words for the author. */
export interface Note {
  note?: string;
}

/** How many processes there are, how many lag behind, and how long it took all to obey (null: not yet known). */
export interface ObedienceTold {
  epoch: number;
  processes: number;
  lagging: number;
  tookMs: number | null;
}

/** For how long from the consent on, and why. */
export interface OpeningNew {
  minutes: number;
  reason: string;
}

/** That two persons may read somebody's originals, until when. */
export interface OpeningTold {
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

/** What a company is called. */
export interface OrganizationName {
  name: string;
}

/** A company: one tenant. */
export interface OrganizationTold {
  id: string;
  name: string;
}

/** A message to be read, as plain text. */
export interface OriginalTextTold {
  id: string;
  receivedAt: string;
  sender: string;
  to: string;
  cc: string;
  subject: string;
  text: string;
  files: AttachedTold[];
}

/** A message of an opened mailbox. `readable` false: its summary does not open. */
export interface OriginalTold {
  id: string;
  receivedAt: string;
  sender: string;
  subject: string;
  size: number;
  hasAttachment: boolean;
  readable: boolean;
}

/** What came of an act: done, with its result, or a proposal that waits for another administrator. */
export interface OutcomeTold {
  waits: boolean;
  result: string;
  proposalId: string | null;
}

/** How many there are; at most 1,000 are counted, null: not shown to this role. */
export interface Overview {
  queue: number | null;
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
}

/** A second factor of one's own. */
export interface OwnFactor {
  id: string;
  kind: string;
  label: string;
}

/** How fast a work may be. */
export interface Pace {
  cap?: number;
}

/** The same, to be set. `defer`: mail waits where it cannot be had, instead of going back. */
export interface PartnerSet {
  minimum?: '1.2' | '1.3';
  names?: string[];
  defer?: boolean;
}

/** Verified TLS is demanded for a domain. */
export interface PartnerTold {
  domain: string;
  minimum: string;
  names: string[];
  defer: boolean;
}

/** What became of a pass. */
export interface PassState {
  id: string;
  state: string;
}

/** Leave to come in from a country for some days. */
export interface PassTold {
  id: string;
  accountId: string;
  address: string;
  country: string;
  validFrom: string;
  validUntil: string;
  state: string;
  reason: string;
}

/** A new password. Unless `keepPrograms` app passwords, tokens, client certificates and connected programs end too. */
export interface Password {
  password: string;
  keepPrograms?: boolean;
}

/** Let nothing go to a domain (null: anywhere), or let it go on. */
export interface Pause {
  paused: boolean;
  domain?: string | null;
}

/** Somebody, or a shared account. */
export interface PersonHit {
  id: string;
  name: string;
  address: string;
  department: string;
  title: string;
  state: string;
}

/** A person who joins: the account with all that is known of them; they get in by a set-up link. */
export interface PersonNew {
  login: string;
  name: string;
  employeeNumber?: string;
  position?: string;
  grade?: string;
  honorific?: string;
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant' | '';
  seats?: SeatAsked[];
  facts?: Record<string, string>;
}

/** A merge patch (RFC 7396). `seats`: the primary one first; `facts` are merged, an empty value removes one; `at`: on that day instead of now. */
export interface PersonPatch {
  name?: string;
  employeeNumber?: string;
  position?: string;
  grade?: string;
  honorific?: string;
  seats?: SeatAsked[];
  facts?: Record<string, string>;
  at?: string;
}

/** What the directory knows of a person. `masked` names what the reader's role does not show. */
export interface PersonTold {
  accountId: string;
  login: string;
  name: string;
  employeeNumber: string | null;
  position: string;
  grade: string;
  honorific: string;
  seats: SeatTold[];
  facts: Record<string, string>;
  addresses: EndingAddress[];
  masked: string[];
}

/** A picture: JPEG, PNG, WebP or GIF, in base64; what is kept is cut square and holds nothing but pixels. */
export interface PhotographPut {
  file: string;
}

/** A photograph. `picture`: a JPEG of 256 pixels a side, in base64. */
export interface PhotographTold {
  picture: string;
  changedAt: string;
}

/** Something that is done on a day to come. `error`: code of what went wrong. */
export interface PlannedTold {
  id: string;
  accountId: string;
  kind: string;
  login: string;
  effectiveAt: string;
  state: string;
  actor: string;
  appliedAt: string | null;
  error: string;
}

/** Work to be announced before it begins. */
export interface PlannedWorkNew {
  since: string;
  until: string;
  services?: string[];
}

/** Work that was announced; no services: all of them. */
export interface PlannedWorkTold {
  since: string;
  until: string;
  services: string[];
  announcedAt: string;
  actor: string;
}

/** A post to be made. */
export interface PostNew {
  departmentId: string;
  duty: string;
  login: string;
  name?: string;
}

/** A 직책메일: the shared account that whoever has the duty in the department works in. */
export interface PostTold {
  accountId: string;
  address: string;
  name: string;
  department: string;
  duty: string;
  holders: string[];
}

/** The number of the policy as it is from now on, and the rules of narrower scopes that say otherwise than the preset: where they hold it does not. */
export interface PresetApplied {
  epoch: number;
  shadowed: RuleTold[];
}

/** Values that belong together, each with its reason in the reader's language. */
export interface PresetTold {
  name: string;
  title: string;
  values: object;
  reasons: Record<string, string>;
}

/** Where a preset shall hold. `clear`: rules of narrower scopes that say otherwise end. */
export interface PresetWhere {
  scope: string;
  clear?: boolean;
}

/** One line: `at` milliseconds after the beginning with this host; `by`: us, host, or note (about it). */
export interface ProbeLineTold {
  at: number;
  by: 'host' | 'note' | 'us';
  text: string;
}

/** What a place is good for: octets written a second, how long a small write takes to be durable, free octets. */
export interface ProbeTold {
  octetsPerSecond: number;
  syncMs: number;
  free: number | null;
}

/** What went wrong (RFC 9457). `code` is stable, `title` in the reader's language, `detail` for who writes programs; `wants` what a sign-in still owes, or `step-up`: prove yourself again. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  requestId: string;
  detail?: string;
  wants?: string[];
}

/** A process: octets in memory, the slowest answer of its loop, when it was last measured. */
export interface ProcessSeenTold {
  name: string;
  memory: number;
  lagMs: number;
  seenAt: string;
  silent: boolean;
}

/** A process of this node. `silentMs`: since its last heartbeat; `memory` null: not known; `deaths` since the start. */
export interface ProcessTold {
  name: string;
  roles: string[];
  state: 'down' | 'ready' | 'starting' | 'stopping';
  pid: number;
  begunAt: string | null;
  silentMs: number;
  memory: number | null;
  deaths: number;
}

/** A challenge and the kind by which it shall be answered. */
export interface ProofAsked {
  challenge: string;
  kind: string;
}

/** The answer to a challenge; `response` as the kind has it ({"password": …}, {"code": …}). */
export interface ProofGiven {
  challenge: string;
  kind: string;
  response: object;
}

/** A result of SPF, DKIM, DMARC, ARC. */
export interface ProofTold {
  method: string;
  result: string;
}

/** An act that needs two persons. */
export interface ProposalTold {
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

/** A domain that serves mail from now on. */
export interface Proved {
  name: string;
  state: string;
}

/** Messages that have any of these marks. `digests`: SHA-256 of texts, `files`: of attachments. */
export interface PurgeAsked {
  reason: string;
  messageIds?: string[];
  senders?: string[];
  digests?: string[];
  urls?: string[];
  files?: string[];
  since?: string | null;
}

/** What a purge would take. */
export interface PurgeMet {
  accounts: number;
  messages: number;
}

/** A purge. */
export interface PurgeTold {
  id: string;
  state: string;
  author: string;
  reason: string;
  messages: number;
  startedAt: string;
}

/** An act on all that is meant. `to`: where a reroute goes (HOST or HOST:PORT); `report`: tell senders of a delete. */
export interface QueueActAsked {
  act: 'delete' | 'hold' | 'release' | 'reroute' | 'retry';
  marks: QueueMarks;
  to?: string;
  report?: boolean;
}

/** Which recipients; what is left out does not matter. `domain`: of the recipient. */
export interface QueueMarks {
  entry?: string | null;
  accountId?: string | null;
  sender?: string;
  senderDomain?: string;
  recipient?: string;
  domain?: string;
  state?: '' | 'held' | 'leased' | 'ready' | 'waiting';
  cause?: string;
  createdBefore?: string | null;
  createdAfter?: string | null;
}

/** Everything that is set. */
export interface QueueRulesTold {
  pausedAll: boolean;
  paused: string[];
  destinations: Record<string, DestinationTold>;
  sources: Record<string, string>;
}

/** Somebody whom it is for; `readAt` null: has not read it. */
export interface ReaderTold {
  accountId: string;
  address: string;
  name: string;
  department: string;
  readAt: string | null;
}

/** Why. */
export interface Reasoned {
  reason: string;
}

/** What somebody did, or a login. `seq`: its number in the company's chain, null in its first moments; `id` is always its own. */
export interface RecordTold {
  id: string;
  seq: number | null;
  at: string;
  actor: string;
  action: string;
  object: string;
  address: string;
}

/** Who could not go, and why. */
export interface Refused {
  login: string;
  reason: string;
}

/** What a change would do: for how many of `accounts` a value changes; which past logins and sends would differ. */
export interface RehearsalTold {
  accounts: number;
  changed: number;
  byKnob: Record<string, number>;
  examples: ShiftTold[];
  decisions: number;
  differently: number;
}

/** A login of the past that a rule would decide otherwise. */
export interface RehearsedTold {
  login: string;
  at: string;
  door: string;
  address: string;
  before: string;
  after: string;
}

/** How a leaver is back. `login` "": the old one; `name` is needed where the data of the old account were destroyed. */
export interface Rehiring {
  login?: string | '';
  name?: string | '';
  employeeNumber?: string;
  at?: string | null;
}

/** A machine that may send without signing in, for an account, from its networks, until a day. */
export interface RelayNew {
  accountId: string;
  purpose: string;
  senders: string[];
  networks: string[];
  endsAt: string;
  hourly?: number;
  cleartext?: boolean;
}

/** A merge patch (RFC 7396). */
export interface RelayPatch {
  endsAt?: string;
  hourly?: number;
}

/** A machine that may send for an account without signing in. */
export interface RelayTold {
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

/** Let it out; `learn`: it is no spam; `allow`: its sender is let through from now on. */
export interface Release {
  reason: string;
  learn?: boolean;
  allow?: boolean;
  dangerous?: boolean;
}

/** Another login; the old one stays an address for a while. */
export interface Renaming {
  login: string;
  months?: number;
  at?: string | null;
}

/** After which event to begin again. */
export interface Replay {
  after: number;
}

/** The last answer for a recipient; `code` 0: there was none. `text` null: the reader's role does not show it. */
export interface ReplyTold {
  code: number;
  enhanced: string;
  text: string | null;
  host: string;
  at: string | null;
}

/** Which report as a file, and what it is for (ten characters at least). */
export interface ReportFileAsked {
  period: 'day' | 'month' | 'week';
  day: string;
  reason: string;
  form?: 'pdf' | 'xlsx';
  language?: 'en' | 'ja' | 'ko' | 'zh-Hans' | 'zh-Hant';
}

/** What shall be mailed; none for nothing. */
export interface ReportPlanAsked {
  periods: ('day' | 'month' | 'week')[];
  form?: 'pdf' | 'xlsx';
}

/** What is mailed to those who may see the company's reports when a span is over. */
export interface ReportPlanTold {
  periods: ('day' | 'month' | 'week')[];
  form: 'pdf' | 'xlsx';
}

/** What a table would come to. `counts`: by what is done; `spared`: administrators that a whole table does not name. */
export interface ReportTold {
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
  errors: ErrorTold[];
}

/** Who reported it. */
export interface ReportedTold {
  accountId: string;
  at: string;
}

/** What others have reported: DMARC (RFC 9990) by source, TLS (RFC 8460) by failure. */
export interface ReportsTold {
  dmarcReports: number;
  tlsReports: number;
  reporters: string[];
  sources: DmarcSourceTold[];
  sealedSessions: number;
  failedSessions: number;
  failures: TlsFailureTold[];
}

/** Under which suite, how fast, why. */
export interface ResealNew {
  suite: 'AES-256-GCM' | 'ChaCha20-Poly1305';
  reason: string;
  cap?: number;
}

/** What changes of the open work; null stays. */
export interface ResealPatch {
  state?: 'cancelled' | 'paused' | 'running' | null;
  cap?: number | null;
}

/** Originals that are sealed anew. `failed`: those that did not open before; `secondsLeft` null: not known yet. */
export interface ResealTold {
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

/** Why somebody's second factors are taken away. */
export interface ResetAsked {
  reason: string;
}

/** Why a leaver comes back. */
export interface Restoring {
  reason?: string;
}

/** Selectors of the keys that a key took the place of. */
export interface Retired {
  retired: string[];
}

/** When somebody is back; null: now. */
export interface Returning {
  at?: string | null;
}

/** The look at a month's records. `reviewerId` null: nobody in person. */
export interface ReviewTold {
  month: string;
  madeAt: string;
  dueAt: string;
  reviewerId: string | null;
  signedAt: string | null;
  signedById: string | null;
  overdueToldAt: string | null;
}

/** A review with what was found and what was said of it. */
export interface ReviewWhole {
  review: ReviewTold;
  records: number;
  findings: Finding[];
  comment: string;
}

/** Whose review it is. */
export interface Reviewer {
  accountId: string;
}

/** One change of the policy; rules of others' scopes are left out. */
export interface RevisionTold {
  epoch: number;
  at: string;
  actor: string;
  action: string;
  reason: string;
  begun: RuleTold[];
  ended: RuleTold[];
}

/** A list of revoked certificates. */
export interface RevocationFile {
  file: string;
}

/** A list that an administrator brings. */
export interface RevocationListNew {
  file: string;
}

/** A list of revoked certificates that is here. `issuer`: SHA-256 of the issuer's name. */
export interface RevocationListTold {
  issuer: string;
  scope: string;
  since: string;
  until: string;
  source: string;
}

/** A role of the company's own. */
export interface RoleNew {
  name: string;
  permissions: ('access.change' | 'access.read' | 'account.change' | 'account.read' | 'account.secrets' | 'account.sessions' | 'audit.export' | 'audit.read' | 'backup.read' | 'backup.restore' | 'backup.run' | 'bulletin.change' | 'bulletin.read' | 'case.change' | 'case.read' | 'certificate.change' | 'certificate.read' | 'company.change' | 'defence.change' | 'defence.read' | 'destruction.read' | 'destruction.run' | 'domain.change' | 'domain.read' | 'export.run' | 'group.change' | 'group.read' | 'hold.change' | 'hold.read' | 'import.run' | 'investigation.run' | 'key.change' | 'key.read' | 'message.open' | 'message.read' | 'node.change' | 'node.read' | 'organization.change' | 'organization.read' | 'pass.decide' | 'policy.change' | 'policy.read' | 'quarantine.change' | 'quarantine.read' | 'queue.change' | 'queue.read' | 'report.change' | 'report.read' | 'review.sign' | 'role.change' | 'role.read' | 'siem.change' | 'siem.read' | 'signing.change' | 'signing.read' | 'spam.change' | 'spam.read' | 'trace.read' | 'webhook.change' | 'webhook.read')[];
  masks?: ('addresses' | 'birthday' | 'body' | 'employee-number' | 'login-address' | 'phone' | 'subject')[];
}

/** A named set of permissions, and what it does not show. */
export interface RoleTold {
  id: string;
  name: string;
  permissions: string[];
  masks: string[];
}

/** For how many hours the old secret still signs as well. */
export interface Rotation {
  overlapHours?: number;
}

/** A change of the master key. */
export interface RotationTold {
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

/** A merge patch (RFC 7396): what is left out stays, null takes it away. */
export interface RoutePatch {
  aliasOf?: string | null;
  subaddress?: boolean;
  relay?: SystemAsked | null;
  other?: SystemAsked | null;
  smarthost?: SmarthostAsked | null;
}

/** To whom mail would go. `host` "": the way that such mail takes; `send`: give the host a test mail. */
export interface RouteProbeAsked {
  to: string;
  host?: string;
  port?: number;
  send?: boolean;
}

/** What came of it. `tls` and `cipher` "" for clear text; `verified`: what proved the host (none, dane, sts, …). */
export interface RouteProbeTold {
  outcome: 'accepted' | 'answered' | 'failed' | 'insecure' | 'later' | 'local' | 'nowhere' | 'refused';
  host: string;
  address: string;
  port: number;
  tls: string;
  cipher: string;
  verified: string;
  lines: ProbeLineTold[];
}

/** Which way mail of a domain goes. `aliasOf`: it stands for another domain; `smarthost`: what it sends goes through it. */
export interface RouteTold {
  domain: string;
  aliasOf: string;
  subaddress: boolean;
  relay: SystemTold | null;
  other: SystemTold | null;
  smarthost: SmarthostTold | null;
  journal: string;
}

/** What becomes of one rule. `title` "" for one of the program; `own`: a weight of an administrator goes before it. */
export interface RuleChangeTold {
  rule: string;
  title: string;
  change: 'added' | 'removed' | 'weight' | 'words';
  before: number | null;
  after: number | null;
  own: boolean;
}

/** The pack that is in force again, "" for none. */
export interface RulePackBack {
  id: string;
}

/** The file, in base64. */
export interface RulePackFile {
  content: string;
}

/** A pack and what it changes. */
export interface RulePackSeen {
  pack: RulePackTold;
  changes: RuleChangeTold[];
}

/** The pack in force and the one that the way back leads to; `trusted`: a key of the vendor is pinned. */
export interface RulePackState {
  current: RulePackTold | null;
  before: RulePackTold | null;
  trusted: boolean;
}

/** A pack. `weights`: rules of the program that weigh otherwise under it. */
export interface RulePackTold {
  id: string;
  madeAt: string;
  notes: string;
  rules: number;
  weights: number;
}

/** A rule to begin; it replaces what the scope had, unless it is dated. `value` as the knob's kind has it. */
export interface RuleSet {
  knob: string;
  scope: string;
  value: boolean | number | string | string[];
  locked?: boolean;
  validFrom?: string | null;
  validUntil?: string | null;
}

/** A knob set for a scope; with `validUntil` a dated exception. */
export interface RuleTold {
  knob: string;
  scope: string;
  value: unknown;
  locked: boolean;
  validFrom: string | null;
  validUntil: string | null;
}

/** A rule by its knob and scope. */
export interface RuleWhere {
  knob: string;
  scope: string;
}

/** Permissions over a scope. */
export interface Scoped {
  scope: string;
  permissions: string[];
}

/** Lessons in one script. `decides`: what the company taught may put such mail into Junk by itself; until then `missingGood` and `missingBad` lessons are to come. */
export interface ScriptLessons {
  script: 'han' | 'hangul' | 'kana' | 'latin' | 'other';
  good: number;
  bad: number;
  missingGood: number;
  missingBad: number;
  decides: boolean;
}

/** What was found, by kind. */
export interface SearchTold {
  people: PersonHit[];
  domains: string[];
  groups: GroupHit[];
  addresses: AddressHit[];
  knobs: KnobHit[];
  network: NetworkHit | null;
}

/** A department by its code, and the duty there. */
export interface SeatAsked {
  department: string;
  duty?: string;
}

/** A seat: the department's path and code, and the duty there. */
export interface SeatTold {
  path: string;
  code: string;
  duty: string;
}

/** Allow or block. `kind` null: seen from the subject. */
export interface SenderRuleNew {
  scope: string;
  act: 'allow' | 'block';
  subject: string;
  kind?: 'address' | 'country' | 'domain' | 'file' | 'network' | 'url' | null;
  expiresAt?: string | null;
}

/** One rule. */
export interface SenderRuleTold {
  id: string;
  act: string;
  kind: string;
  subject: string;
  author: string;
  createdAt: string;
  expiresAt: string | null;
  hits: number;
}

/** A service that did not serve; `counted` seconds of it count, announced work does not. */
export interface ServiceOutage {
  since: string;
  until: string;
  counted: number;
  planned: number;
  open: boolean;
}

/** One service in a span, in seconds. */
export interface ServiceServed {
  service: string;
  percent: number;
  due: number;
  down: number;
  outages: ServiceOutage[];
}

/** A signed-in browser. */
export interface SessionTold {
  id: string;
  createdAt: string;
  lastSeenAt: string | null;
  expiresAt: string;
  address: string;
  device: string;
}

/** Whether this installation waits for its company. */
export interface SetupDoor {
  open: boolean;
}

/** One step of the wizard. */
export interface SetupStep {
  name: string;
  state: string;
}

/** How far the wizard is; `host` is the installation's name in mail, `domain` the administrator's. */
export interface SetupTold {
  steps: SetupStep[];
  ended: boolean;
  host: string;
  domain: string;
}

/** A share: lines to print and type. It is told this once and kept nowhere. */
export interface ShareTold {
  number: number;
  text: string;
}

/** For whom what would change. */
export interface ShiftTold {
  accountId: string;
  login: string;
  knob: string;
  before: unknown;
  after: unknown;
}

/** What a page needs for an answer; what is in it depends on the kind. */
export interface Shown {
  shown: object;
}

/** A company whose directory is seen beside the own. */
export interface Sight {
  organizationId: string;
}

/** Address and password of an administrator. */
export interface SignIn {
  address: string;
  password: string;
}

/** What was looked at and found. */
export interface Signature {
  comment: string;
}

/** A DKIM key: the TXT record `name` is published with `text`. */
export interface SigningKey {
  selector: string;
  kind: string;
  state: string;
  name: string;
  text: string;
}

/** A signing key to be made. The first of its kind signs at once. */
export interface SigningKeyNew {
  selector: string;
  kind?: 'ed25519' | 'rsa';
}

/** A host to go out through. */
export interface SmarthostAsked {
  host: string;
  port?: number;
  username?: string;
  password?: string;
  verifyTls?: boolean;
}

/** A host that mail goes out through. */
export interface SmarthostTold {
  host: string;
  port: number;
  username: string;
  verifyTls: boolean;
}

/** A host that may be asked about revocation. */
export interface SourceHost {
  host: string;
}

/** What a company's filter was taught. `enough`: lessons of each sort from which on a script decides; `silent`: too few for the company's lessons to count at all; `shippedStart`: the model that is shipped judges beside them. */
export interface SpamModel {
  counts: Record<string, number>;
  scripts: ScriptLessons[];
  enough: number;
  silent: boolean;
  shippedStart: boolean;
  taughtAt: string | null;
}

/** The published SPF record. `lookups` beyond `most` make it void (RFC 7208 §4.6.4); `problem`: "", missing, several, loop, unanswered. */
export interface SpfTold {
  text: string;
  lookups: number;
  most: number;
  problem: string;
}

/** Who answers for the account from now on. */
export interface SponsorNamed {
  sponsor: string;
}

/** An address that stands for others. */
export interface StandInTold {
  address: string;
}

/** The state that an account shall have by hand, and why. */
export interface StateWanted {
  state: 'active' | 'dormant' | 'pending' | 'suspended';
  reason?: string;
}

/** What became of a step. */
export interface StepNoted {
  state: 'done' | 'open' | 'skipped';
}

/** An account that may not send. */
export interface StopTold {
  accountId: string;
  reason: string;
  since: string;
  by: string;
  address?: string;
}

/** One message. What the caller's role does not show is empty. */
export interface StoryTold {
  id: string;
  at: string;
  sender: string;
  recipients: string[];
  subject: string;
  messageId: string;
  door: string;
  peer: string;
  size: number;
  events: EventTold[];
}

/** The policy to be published; testing first. */
export interface StsSet {
  mode: 'enforce' | 'none' | 'testing';
  mx?: string[];
  maxAge?: number;
}

/** The MTA-STS policy of a domain (RFC 8461). `maxAge` in seconds. */
export interface StsTold {
  id: string;
  mode: string;
  maxAge: number;
  mx: string[];
}

/** Let a draft go on; `ask`: to another administrator even where none has to agree. */
export interface Submission {
  ask?: boolean;
}

/** Another system. `verify`: how its recipients are known: not at all, by asking it, or by a list. */
export interface SystemAsked {
  hosts: HostAsked[];
  verify?: 'ask' | 'list' | 'none';
  networks?: string[];
  unknown?: boolean;
  copy?: boolean;
}

/** Another system that mail is passed on to. `unknown`: it gets who is not known here; `copy`: a copy of everything. */
export interface SystemTold {
  hosts: HostTold[];
  verify: string;
  networks: string[];
  unknown: boolean;
  copy: boolean;
}

/** A collector to be told; `authority`: PEM of the authority that its certificate must be of. */
export interface TargetNew {
  name: string;
  host: string;
  port?: number;
  format?: 'cef' | 'json' | 'rfc5424';
  kinds?: string[];
  authority?: string;
  confirm?: 'close' | 'sent';
}

/** Send to it, or let it wait. */
export interface TargetPatch {
  state: 'off' | 'on';
}

/** A collector of records. `kinds` empty: all. */
export interface TargetTold {
  name: string;
  format: string;
  host: string;
  port: number;
  kinds: string[];
  confirm: string;
  state: string;
  createdAt: string;
}

/** Whom an alias stands for. */
export interface Targets {
  targets: string[];
}

/** A temporary account to be made; nobody signs in until a set-up link is used. */
export interface TemporaryNew {
  address: string;
  name: string;
  endsAt: string;
  sponsor: string;
  reason?: string;
  insideOnly?: boolean;
}

/** A temporary account. `mustTakeOver`: who has to answer for it because the sponsor left. */
export interface TemporaryTold {
  accountId: string;
  address: string;
  endsAt: string;
  agreedUntil: string;
  sponsor: string;
  mustTakeOver: string;
  askedUntil: string | null;
  reason: string;
}

/** The next version of a text, by language; everybody is asked anew. */
export interface TextNew {
  name: string;
  texts: Record<string, string>;
}

/** A version of a text in one language. */
export interface TextTold {
  name: string;
  version: number;
  language: string;
  text: string;
  at: string;
}

/** Why it is thrown away. */
export interface Throwing {
  reason: string;
}

/** Where old mail goes: the volume, from how many days on, from how many octets on. `volumeId` null: it stays. */
export interface TierTold {
  volumeId: string | null;
  days: number;
  least: number;
}

/** The rule for old mail; `volumeId` null ends it. */
export interface TierWanted {
  volumeId?: string | null;
  days?: number;
  least?: number;
}

/** What a title is called from now on. */
export interface TitleName {
  name: string;
}

/** The words of a table in their order; new ones are made, others come behind. */
export interface TitleOrder {
  kind: 'duty' | 'grade' | 'honorific' | 'position';
  names: string[];
}

/** A word of a table: 직위 (position), 직책 (duty), 직급 (grade), 호칭 (honorific); the highest-ranking first. */
export interface TitleTold {
  id: string;
  kind: string;
  name: string;
  position: number;
}

/** Why sessions with the domain's hosts were not sealed. */
export interface TlsFailureTold {
  result: string;
  host: string;
  address: string;
  reporter: string;
  sessions: number;
}

/** A login with another company of the installation; the old addresses lead there for a while. `mailbox`: it goes along. */
export interface Transfer {
  login: string;
  months?: number;
  mailbox?: boolean;
  at?: string | null;
}

/** One line. `label`: a country, a volume, a process, a verdict. `values` by step; null: nobody measured. */
export interface TrendLine {
  name: string;
  label: string;
  unit: string;
  kind: 'count' | 'gauge';
  values: (number | null)[];
}

/** A range: where each step begins (seconds since 1970), the lines, and how many steps nobody measured. */
export interface TrendsTold {
  of: 'company' | 'installation';
  stepSeconds: number;
  times: number[];
  lines: TrendLine[];
  unseen: number;
}

/** Shares as people typed them. */
export interface Typed {
  shares: string[];
}

/** How many messages were put back. */
export interface Undone {
  messages: number;
}

/** Why the table of who has not read it is taken (ten characters at least). */
export interface UnreadAsked {
  reason: string;
}

/** The version that runs again. */
export interface UpdateBack {
  id: string;
}

/** The key that bundles must be signed with, "" for none; `proposalId`: another one waits for a second administrator. */
export interface VendorKey {
  key: string;
  proposalId?: string | null;
}

/** The vendor's public key (Ed25519, 32 octets in base64). */
export interface VendorKeyAsked {
  key: string;
}

/** The number of a version. */
export interface Version {
  version: number;
}

/** One version. The one that came with the installation has the id `installed`. */
export interface VersionTold {
  id: string;
  version: string;
  fixes: string[];
  chosen: boolean;
  running: boolean;
  healthy: boolean;
  previous: boolean;
  failed: string;
}

/** A blob that cannot be read where it should lie. */
export interface VolumeFindingTold {
  blob: string;
  what: string;
  location: string;
  at: string;
}

/** A volume that takes mail from now on, and what was measured. */
export interface VolumeMade {
  id: string;
  measured: ProbeTold;
}

/** A place for blobs: a directory of its own (`path`) or a bucket. The keys of a bucket are kept sealed. */
export interface VolumeNew {
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

/** A volume: free and all octets; `daysLeft` null: nobody can say yet. */
export interface VolumeOutlookTold {
  id: string;
  free: number;
  total: number;
  daysLeft: number | null;
}

/** What changes; null stays. */
export interface VolumePatch {
  weight?: number | null;
  readOnly?: boolean | null;
}

/** A volume. `place` "": the one of the node file. `away`: it does not answer; `total`, `free` null: no bound. */
export interface VolumeTold {
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
  work: VolumeWorkTold | null;
}

/** A work on a volume. `octets`: moved or read; `total`: what lay there at its beginning; `cap` 0: no bound. */
export interface VolumeWorkTold {
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

/** A recipient that waits. */
export interface WaitingTold {
  address: string;
  domain: string;
  state: string;
  holdReason: string | null;
  attempts: number;
  nextAt: string;
  cause: string | null;
  reply: ReplyTold | null;
}

/** All mail to a domain of others goes through a host. */
export interface WayTold {
  domain: string;
  smarthost: SmarthostTold;
}

/** A target to be sent to from now on. */
export interface WebhookNew {
  url: string;
  label?: string;
  types?: string[];
}

/** A merge patch (RFC 7396); `state` active lets a stopped target go on where it was. Another host gets a new `secret`. */
export interface WebhookPatch {
  url?: string;
  label?: string;
  types?: string[];
  state?: 'active' | 'paused';
}

/** A target. `seq`: the last event that it has taken. `secret` is told once. */
export interface WebhookTold {
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

/** Why it was judged as it was. */
export interface WeighedTold {
  weight: number;
  text: string;
}

/** A rule that names the knob, and what became of it. */
export interface WhyRule {
  rule: RuleTold;
  why: string;
}

/** The same; with `until` not after `since` it goes over midnight. */
export interface WindowAsked {
  since: string;
  until: string;
  days?: ('fri' | 'mon' | 'sat' | 'sun' | 'thu' | 'tue' | 'wed')[];
  zone?: number;
}

/** Hours of days (none: every day), `until` excluded; `zone` in minutes east of UTC. */
export interface WindowTold {
  since: string;
  until: string;
  days: string[];
  zone: number;
}

/** A part of a list; `next` goes into `after` for the following part. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}
