/** What can go wrong between the apps and the server, in a form the screens can act on. */

export type FailureKind =
  | 'signed-out' // no session, or it has ended: show the sign-in screen
  | 'offline' // the server cannot be reached: keep the work, try again
  | 'busy' // too many requests, or the server says "later"
  | 'refused' // the request was understood and turned down
  | 'broken'; // an answer that makes no sense

/** RFC 9457. */
export interface Problem {
  type?: string;
  title?: string;
  detail?: string;
  status?: number;
  /** A word of ours for what a second factor lacked. */
  reason?: string;
  /** Words for all that is wrong with a password. */
  reasons?: string[];
  /** What a session has to prove first. */
  wants?: string[];
}

export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';

  constructor(
    readonly kind: FailureKind,
    readonly status = 0,
    readonly problem: Problem = {},
  ) {
    super(problem.title ?? `${kind} ${status}`);
  }
}

/** RFC 8620 §3.6.2: one method call failed; the others of the request may have worked. */
export class MethodFailure extends Error {
  override readonly name = 'MethodFailure';

  constructor(
    readonly type: string,
    readonly description = '',
  ) {
    super(description ? `${type}: ${description}` : type);
  }
}

export function kindOfStatus(status: number): FailureKind {
  if (status === 401) return 'signed-out';
  if (status === 429 || status === 503) return 'busy';
  if (status === 0 || status === 502 || status === 504) return 'offline';
  return status >= 400 && status < 500 ? 'refused' : 'broken';
}

/** The session is over: what waits is for the next one. */
export function isEnd(error: unknown): boolean {
  return error instanceof RequestFailure && error.kind === 'signed-out';
}

/** Worth trying again later without asking the person. */
export function isPassing(error: unknown): boolean {
  return error instanceof RequestFailure && (error.kind === 'offline' || error.kind === 'busy');
}
