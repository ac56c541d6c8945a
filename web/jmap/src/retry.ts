/**
 * When work that failed in passing is tried again: after growing pauses, and earlier when something tells that the server
 * answers. Must not know what the work is.
 */

export const FIRST_PAUSE_MS = 2000;
export const LONGEST_PAUSE_MS = 60_000;

export class Retry {
  #at: number | null = null;
  #pause = FIRST_PAUSE_MS;
  #failedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly run: () => void,
    /** Hears that the time of the next try is another. */
    private readonly tell: () => void = () => undefined,
  ) {}

  /** When it is tried next, in milliseconds of Unix time; null while nothing has failed. */
  get at(): number | null {
    return this.#at;
  }

  /** The work could not be done now. */
  failed(): void {
    this.#failedAt = Date.now();
    this.#wait(this.#pause);
    this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
  }

  /** Nothing waits any more. */
  done(): void {
    this.#pause = FIRST_PAUSE_MS;
    this.#stop();
  }

  /** At once: a person asks for it, or the network is back. */
  now(): void {
    if (this.#at === null) return;
    this.#stop();
    this.run();
  }

  /** Another request was answered. A server that answers all but this is not asked more often than the first pause says. */
  heard(): void {
    if (this.#at === null) return;
    const due = Math.max(Date.now(), this.#failedAt + FIRST_PAUSE_MS);
    if (due < this.#at) this.#wait(due - Date.now());
  }

  #wait(pause: number): void {
    clearTimeout(this.#timer);
    this.#at = Date.now() + pause;
    this.#timer = setTimeout(() => this.now(), pause);
    this.tell();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    if (this.#at === null) return;
    this.#at = null;
    this.tell();
  }
}
