/** A page that is not looked at, or never idle, goes on after this time. */
const LONGEST_MS = 300;

/** Runs once what is asked for now has been painted and nothing else is to be drawn; the returned function calls it off. */
export function afterPaint(run: () => void): () => void {
  let over = false;
  const once = (): void => {
    if (!over) run();
    over = true;
  };
  setTimeout(once, LONGEST_MS);
  // Safari has no requestIdleCallback.
  const idle = globalThis.requestIdleCallback ?? ((then: () => void) => setTimeout(then));
  requestAnimationFrame(() => requestAnimationFrame(() => idle(once)));
  return () => (over = true);
}
