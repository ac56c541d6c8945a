/** A page that is never idle goes on with the next piece after this time. */
const LONGEST_MS = 1500;

const waiting: (() => unknown)[] = [];
let turning = false;

/**
 * Work that nobody waits for: each piece in an idle moment of its own, in the order in which it was given, so that none
 * holds up a touch or a key. What fails is no error here: it is asked for again when it is needed.
 */
export function inIdle(...work: (() => unknown)[]): void {
  waiting.push(...work);
  if (!turning) turn();
}

/** What a screen shows beside the mail, fetched in its turn. */
export function idly<T>(fetch: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => inIdle(() => fetch().then(resolve, reject)));
}

function turn(): void {
  turning = waiting.length > 0;
  if (!turning) return;
  // Safari has no requestIdleCallback.
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 50));
  idle(
    () => {
      const piece = waiting.shift();
      turn();
      void (async () => piece?.())().catch(() => undefined);
    },
    { timeout: LONGEST_MS },
  );
}
