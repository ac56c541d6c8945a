/**
 * The JMAP objects that the apps read and write (RFC 8620, RFC 8621, RFC 9425), with just the
 * properties that are used. Knows no DOM and no transport.
 */

export type Id = string;
export type UtcDate = string;

export interface Session {
  username: string;
  apiUrl: string;
  downloadUrl: string;
  uploadUrl: string;
  eventSourceUrl: string;
  state: string;
  accounts: Record<Id, AccountInfo>;
  primaryAccounts: Record<string, Id>;
  capabilities: Record<string, unknown>;
}

/** One server as a mail program reaches it. */
export interface MailServer {
  kind: 'imap' | 'pop3' | 'smtp' | 'sieve' | 'jmap';
  host: string;
  port: number;
  security: 'tls' | 'starttls';
}

export interface AccountInfo {
  name: string;
  isPersonal: boolean;
  isReadOnly: boolean;
  accountCapabilities: Record<string, unknown>;
}

/** RFC 8620 §2: limits that the client must keep. */
export interface CoreLimits {
  maxCallsInRequest: number;
  maxObjectsInGet: number;
  maxObjectsInSet: number;
  maxSizeUpload: number;
}

export type MailboxRole = 'inbox' | 'sent' | 'drafts' | 'trash' | 'junk' | 'archive';

export interface Mailbox {
  id: Id;
  name: string;
  parentId: Id | null;
  role: string | null;
  sortOrder: number;
  totalEmails: number;
  unreadEmails: number;
  myRights?: Record<string, boolean>;
}

/** What is shown of a mailbox: counting its conversations would cost the server far more. */
export const MAILBOX_PROPERTIES = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
  'myRights',
];

export interface EmailAddress {
  name: string | null;
  email: string;
}

export interface BodyPart {
  partId: string | null;
  blobId: Id | null;
  size: number;
  name: string | null;
  type: string;
  charset?: string | null;
  disposition: string | null;
  cid: string | null;
  /** Whether the shown HTML shows it in its place, so that it is no file for a person. */
  isEmbedded?: boolean;
}

/** What is asked of the parts of a message. */
export const PART_PROPERTIES = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'isEmbedded',
] as const;

/** A mail that comes back at an hour: put off, or sent and not answered. */
export interface Reminder {
  kind: 'snooze' | 'followUp';
  state: 'waiting' | 'woken';
  at: UtcDate;
}

/** What a list row needs; every cached Email has these. */
export interface EmailRow {
  id: Id;
  blobId: Id;
  threadId: Id;
  mailboxIds: Record<Id, true>;
  keywords: Record<string, true>;
  from: EmailAddress[] | null;
  to: EmailAddress[] | null;
  subject: string | null;
  receivedAt: UtcDate;
  preview: string;
  hasAttachment: boolean;
  size: number;
  reminder?: Reminder | null;
}

export const LIST_UNSUBSCRIBE = 'header:List-Unsubscribe:asURLs';
export const SECURITY_LABEL = 'header:SIO-Label:asText:all';
export const LIST_UNSUBSCRIBE_POST = 'header:List-Unsubscribe-Post:asText';

/** What the reading pane and a reply need besides. */
export interface EmailDetail {
  cc: EmailAddress[] | null;
  bcc: EmailAddress[] | null;
  replyTo: EmailAddress[] | null;
  sentAt: string | null;
  messageId: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
  attachments: BodyPart[];
  /** What was found out when it came from outside; null for mail that did not. */
  inspection?: Inspection | null;
  /** The ways out of a mailing list (RFC 2369 §3.2, RFC 8058): they come with the letter, so that nothing moves later. */
  [SECURITY_LABEL]?: string[];
  [LIST_UNSUBSCRIBE]?: string[] | null;
  [LIST_UNSUBSCRIBE_POST]?: string | null;
}

/** What the server found out about a message from outside; `logo` is the proved one of its domain, from our own host. */
export interface Inspection {
  logo: BrandLogo | null;
  authentication: { method: string; result: string; reason: string | null }[];
  /** The domain in From is shown to have sent it. */
  aligned: boolean;
  /** The newest first. */
  hops: Hop[];
  country: string | null;
  tls: string | null;
  nature: string;
  score: number;
  reasons: InspectionReason[];
}

export interface InspectionReason {
  rule: string;
  weight: number;
  /** In the reader's language. */
  text: string;
}

/** One hop of the way; `verified` was seen by a server of ours, all else is what the message says of itself. */
export interface Hop {
  verified: boolean;
  name: string | null;
  address: string | null;
  by: string | null;
  protocol: string | null;
  tls: string | null;
  at: string | null;
  /** Seconds since the hop before. */
  delay: number | null;
  country: string | null;
  isInside: boolean;
  asn: number | null;
}

export interface BrandLogo {
  url: string;
  domain: string;
  owner: string;
  issuer: string;
  kind: 'verified' | 'common';
}

export type Email = EmailRow & Partial<EmailDetail>;

export interface EmailBody {
  text: string;
  truncated: boolean;
}

export interface Thread {
  id: Id;
  emailIds: Id[];
}

export interface Identity {
  id: Id;
  name: string;
  email: string;
  replyTo?: EmailAddress[] | null;
  textSignature?: string;
  htmlSignature?: string;
  mayDelete?: boolean;
  /** Whose address it is: of an account that is shared with the person it may be an alias. */
  accountId?: Id;
}

/** RFC 9425. */
export interface Quota {
  id: Id;
  resourceType: 'octets' | 'count';
  used: number;
  hardLimit: number;
  name: string;
}

export interface Upload {
  accountId: Id;
  blobId: Id;
  type: string;
  size: number;
}

/** The sanitised body that the server makes for the reading pane. */
export interface RenderedBody {
  html: string;
  /** Style sheet that the message brought, filtered by the server. */
  css?: string;
  /** BCP 47 tag of the body's language, so that Han characters take the right national form. */
  lang: string | null;
  /** Remote pictures that were left out. */
  remoteCount: number;
  /** Those of them that show nothing, and are never loaded. */
  trackerCount?: number;
}

export interface StateChange {
  changed: Record<Id, Record<string, string>>;
}

export const CAPABILITY = {
  core: 'urn:ietf:params:jmap:core',
  mail: 'urn:ietf:params:jmap:mail',
  submission: 'urn:ietf:params:jmap:submission',
  quota: 'urn:ietf:params:jmap:quota',
  blob: 'urn:ietf:params:jmap:blob',
  mdn: 'urn:ietf:params:jmap:mdn',
  vacation: 'urn:ietf:params:jmap:vacationresponse',
  sieve: 'urn:ietf:params:jmap:sieve',
  principals: 'urn:ietf:params:jmap:principals',
  share: 'urn:ietf:params:jmap:mail:share',
  contacts: 'urn:ietf:params:jmap:contacts',
  vapid: 'urn:ietf:params:jmap:webpush-vapid',
  own: 'https://smartmail.example/jmap',
} as const;

export const IDENTITY_PROPERTIES = [
  'id',
  'name',
  'email',
  'replyTo',
  'bcc',
  'textSignature',
  'htmlSignature',
  'mayDelete',
  'accountId',
] as const;

export const ROW_PROPERTIES = [
  'id',
  'blobId',
  'threadId',
  'mailboxIds',
  'keywords',
  'from',
  'to',
  'subject',
  'receivedAt',
  'preview',
  'hasAttachment',
  'size',
  'reminder',
] as const;

export const DETAIL_PROPERTIES = [
  ...ROW_PROPERTIES,
  'cc',
  'bcc',
  'replyTo',
  'sentAt',
  'messageId',
  'inReplyTo',
  'references',
  'attachments',
  'inspection',
  SECURITY_LABEL,
  LIST_UNSUBSCRIBE,
  LIST_UNSUBSCRIBE_POST,
] as const;
