/**
 * Joins method calls that are made in the same moment into one HTTP request, with back-references
 * between calls (RFC 8620 §3.7). A *group* is never torn apart, because references only work
 * inside one request.
 */
import type { Backend } from './backend.ts';
import { MethodFailure, RequestFailure } from './errors.ts';
import type { Args, Invocation, JmapResponse, MethodName, Result, ResultReference } from './methods.ts';
import { CAPABILITY, type CoreLimits, type Id, type Session } from './types.ts';

/** RFC 8620 §2 asks for at least these; used when a server names no limits. */
const LEAST_LIMITS: CoreLimits = {
  maxCallsInRequest: 16,
  maxObjectsInGet: 500,
  maxObjectsInSet: 500,
  maxSizeUpload: 50_000_000,
};

export interface Call<T> {
  ref(path: string): ResultReference;
  result: Promise<T>;
}

interface Waiting {
  invocation: Invocation;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

export class Pipeline {
  limits: CoreLimits;
  #groups: Waiting[][] = [];
  #open: Waiting[] | null = null;
  #lastId = 0;
  #named = '';
  /** Called once for each state that an answer names and the session known here has not (RFC 8620 §3.4). */
  sessionChanged: () => void = () => undefined;

  constructor(
    private readonly backend: Backend,
    private session: Session,
    private readonly accountId: Id,
  ) {
    this.limits = limitsOf(session);
  }

  renew(session: Session): void {
    this.session = session;
    this.limits = limitsOf(session);
  }

  /** Adds one call; it leaves at the end of this tick together with what else was added. */
  call<N extends MethodName>(name: N, args: Args<N>): Call<Result<N>> {
    return this.send<Result<N>>(name, args);
  }

  /** The same for methods that are not in the table of this package. */
  send<T>(name: string, args: object): Call<T> {
    const id = `c${(this.#lastId += 1)}`;
    const result = new Promise<T>((resolve, reject) => {
      const invocation: Invocation = [name, { accountId: this.accountId, ...args }, id];
      this.#groupForCall().push({ invocation, resolve, reject });
    });
    return { result, ref: (path) => ({ resultOf: id, name, path }) };
  }

  /** Calls made inside `build` travel in the same request. */
  group<T>(build: () => T): T {
    if (this.#open) return build();
    this.#open = this.#newGroup();
    try {
      return build();
    } finally {
      this.#open = null;
    }
  }

  #groupForCall(): Waiting[] {
    return this.#open ?? this.#newGroup();
  }

  #newGroup(): Waiting[] {
    if (this.#groups.length === 0) queueMicrotask(() => this.#flush());
    const group: Waiting[] = [];
    this.#groups.push(group);
    return group;
  }

  #flush(): void {
    const groups = this.#groups;
    this.#groups = [];
    let batch: Waiting[] = [];
    for (const group of groups) {
      if (batch.length > 0 && batch.length + group.length > this.limits.maxCallsInRequest) {
        void this.#send(batch);
        batch = [];
      }
      batch.push(...group);
    }
    if (batch.length > 0) void this.#send(batch);
  }

  async #send(batch: Waiting[]): Promise<void> {
    try {
      const methodCalls = batch.map((waiting) => waiting.invocation);
      const response = await this.backend.request(this.session, { using: this.#using(), methodCalls });
      settle(batch, response);
      this.#compare(response.sessionState);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  /** Another process may name the state before: each is told once, so that two of them cause no fetch without end. */
  #compare(state: string): void {
    if (state === '' || state === this.#named) return;
    this.#named = state;
    if (state !== this.session.state) this.sessionChanged();
  }

  #using(): string[] {
    return Object.values(CAPABILITY).filter((name) => name in this.session.capabilities);
  }
}

function limitsOf(session: Session): CoreLimits {
  return { ...LEAST_LIMITS, ...(session.capabilities[CAPABILITY.core] as Partial<CoreLimits> | undefined) };
}

function settle(batch: Waiting[], response: JmapResponse): void {
  // The first answer with a call's id is its own; later ones are implicit calls (RFC 8620 §5.8).
  const answers = new Map<string, Invocation>();
  for (const answer of response.methodResponses) if (!answers.has(answer[2])) answers.set(answer[2], answer);
  for (const { invocation, resolve, reject } of batch) {
    const answer = answers.get(invocation[2]);
    if (!answer) reject(new RequestFailure('broken'));
    else if (answer[0] === 'error') reject(methodFailure(answer[1]));
    else resolve(answer[1] as never);
  }
}

function methodFailure(args: Record<string, unknown>): Error {
  const type = typeof args.type === 'string' ? args.type : 'serverFail';
  if (type === 'serverUnavailable') return new RequestFailure('busy', 503);
  return new MethodFailure(type, typeof args.description === 'string' ? args.description : '');
}
