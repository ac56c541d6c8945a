/** What a window for writing begins with, and what is kept of one that was not sent: known to all who have a letter written. */
import type { AttachedBlob } from '@smartmail/jmap/compose.ts';
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';

export interface Quote {
  /** The line above it, which says whose words follow. */
  head: string;
  text: string;
  html: string;
  /** As the editor takes it, where it holds all of it. */
  inside?: string;
  /** In the editor some of its looks would be lost, or it is so long that writing is slower with it. */
  apart?: 'looks' | 'length' | null;
}

export interface DraftStart {
  to?: EmailAddress[];
  cc?: EmailAddress[];
  bcc?: EmailAddress[];
  subject?: string;
  text?: string;
  html?: string | null;
  quote?: Quote | null;
  /** The line above a quotation that stands among the words already. */
  head?: string;
  inReplyTo?: string[];
  references?: string[];
  attachments?: AttachedBlob[];
  /** The stored draft that this continues. */
  draftId?: Id | null;
  /** The message that this answers, whose it is, and how it is marked when the answer has gone. */
  answers?: { id: Id; keyword: '$answered' | '$forwarded'; accountId?: Id | null } | null;
  /** Message-IDs of what it forwards. */
  forwards?: string[];
  writing: 'rich' | 'plain';
  identityId?: Id | null;
  options?: Partial<Options>;
  /** Signed already, or as it came: no signature is put under it. */
  signed?: boolean;
  /** What the stored draft says of files that go as links. */
  links?: string | null;
}

/** What a letter asks for beside its words. */
export interface Options {
  importance: 'normal' | 'high' | 'low';
  wantsReceipt: boolean;
  /** A day, `2026-11-30`, until which an answer is asked for; empty for none. */
  replyBy: string;
  /** One letter to each recipient, who sees nobody else. */
  individually: boolean;
  /** Days without an answer, `3`, or a day, `2026-11-30`, after which the sent mail comes up; empty for never. */
  followUp: string;
  /** 내게쓰기: it goes nowhere but into the own mailbox of such notes. */
  memo: boolean;
  /** The copy lies among what was sent; otherwise in the trash at once. */
  keepSent: boolean;
  /** 보안등급: its id; empty where nobody chose. */
  label: string;
  /** Why a lower one than that of the letters behind is asked for; empty: it is not. */
  lowerReason: string;
}

/** What is kept on the device of where the draft lies. */
export interface TeamMark {
  accountId: Id;
  id: Id | null;
  messageId: string;
  from: EmailAddress | null;
}

/** All that is needed to open a letter again that the server has not seen. */
export type UnsavedLetter = Omit<DraftStart, 'attachments'> & {
  attachments: AttachedBlob[];
  identityId: Id | null;
  team?: TeamMark | null;
};
