/** Calls `put` whenever the size of an open panel changes: what comes later, or in another language, makes it wider. */
export function keptOnScreen(panel: Element, put: () => void): () => void {
  const seen = new ResizeObserver(put);
  seen.observe(panel);
  return () => seen.disconnect();
}
