/** Arguments and answers of the JMAP methods in use, by name (RFC 8620 §5, RFC 8621). */
import type { Email, Id, Identity, Mailbox, Quota, Thread } from './types.ts';

/** RFC 8620 §3.7: a value taken from the answer to an earlier call of the same request. */
export interface ResultReference {
  resultOf: string;
  name: string;
  path: string;
}

interface GetArgs {
  ids?: Id[] | null;
  '#ids'?: ResultReference;
  properties?: readonly string[];
}

export interface GetResult<T> {
  accountId: Id;
  state: string;
  list: T[];
  notFound: Id[];
}

interface ChangesArgs {
  sinceState: string;
  maxChanges?: number;
}

export interface ChangesResult {
  accountId: Id;
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: Id[];
  updated: Id[];
  destroyed: Id[];
}

export interface SetError {
  type: string;
  description?: string | null;
  properties?: string[];
}

export type PatchObject = Record<string, unknown>;

interface SetArgs {
  ifInState?: string;
  create?: Record<string, object>;
  update?: Record<Id, PatchObject>;
  destroy?: Id[];
}

export interface SetResult {
  accountId: Id;
  oldState: string | null;
  newState: string;
  created: Record<string, { id: Id } & Record<string, unknown>> | null;
  updated: Record<Id, object | null> | null;
  destroyed: Id[] | null;
  notCreated: Record<string, SetError> | null;
  notUpdated: Record<Id, SetError> | null;
  notDestroyed: Record<Id, SetError> | null;
}

export interface EmailCondition {
  inMailbox?: Id;
  inMailboxOtherThan?: Id[];
  hasKeyword?: string;
  notKeyword?: string;
  hasAttachment?: boolean;
  /** Of `receivedAt`: from this moment on, before that one. */
  after?: string;
  before?: string;
  text?: string;
  /** Ours: words with operators, as people type them; days in it begin in `timeZone`. */
  line?: string;
  timeZone?: string;
  /** Ours: other ways to read the words. */
  switches?: SearchSwitch[];
  /** Ours: who takes care of the conversation. */
  assignment?: 'mine' | 'others' | 'none' | 'done';
}

export type SearchSwitch = 'initials' | 'keyboard' | 'hanja' | 'variants';

export interface EmailFilterOperator {
  operator: 'AND' | 'OR' | 'NOT';
  conditions: EmailFilter[];
}

export type EmailFilter = EmailCondition | EmailFilterOperator;

export interface EmailQueryArgs {
  filter?: EmailFilter | null;
  sort?: { property: string; isAscending: boolean }[];
  position?: number;
  anchor?: Id;
  anchorOffset?: number;
  limit?: number;
  calculateTotal?: boolean;
  collapseThreads?: boolean;
}

export interface QueryResult {
  accountId: Id;
  queryState: string;
  canCalculateChanges: boolean;
  position: number;
  ids: Id[];
  total?: number;
  /** Ours: messages in which no text was looked for yet. */
  notIndexed?: number;
}

interface EmailGetArgs extends GetArgs {
  bodyProperties?: readonly string[];
  fetchTextBodyValues?: boolean;
  maxBodyValueBytes?: number;
}

export type EmailWithBody = Email & {
  textBody?: { partId: string | null; type: string }[];
  bodyValues?: Record<string, { value: string; isTruncated: boolean }>;
};

interface SubmissionSetArgs extends SetArgs {
  onSuccessUpdateEmail?: Record<string, PatchObject>;
  onSuccessDestroyEmail?: string[];
}

export interface Methods {
  'Mailbox/get': [GetArgs, GetResult<Mailbox>];
  'Mailbox/changes': [ChangesArgs, ChangesResult & { updatedProperties?: string[] | null }];
  'Mailbox/set': [SetArgs, SetResult];
  'Email/get': [EmailGetArgs, GetResult<EmailWithBody>];
  'Email/changes': [ChangesArgs, ChangesResult];
  'Email/query': [EmailQueryArgs, QueryResult];
  'Email/set': [SetArgs, SetResult];
  'Thread/get': [GetArgs, GetResult<Thread>];
  'Identity/get': [GetArgs, GetResult<Identity>];
  'EmailSubmission/set': [SubmissionSetArgs, SetResult];
  'Quota/get': [GetArgs, GetResult<Quota>];
}

export type MethodName = keyof Methods;
export type Args<N extends MethodName> = Methods[N][0];
export type Result<N extends MethodName> = Methods[N][1];

/** RFC 8620 §3.2. */
export type Invocation = [name: string, args: Record<string, unknown>, callId: string];

export interface JmapRequest {
  using: string[];
  methodCalls: Invocation[];
}

export interface JmapResponse {
  methodResponses: Invocation[];
  sessionState: string;
}
