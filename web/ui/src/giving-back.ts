/** Whoever had the focus when something opened has it again when that goes, unless somebody took it meanwhile. */
export function givesBack(opened: () => Element | undefined): () => void {
  const before = document.activeElement;
  return () => {
    const at = document.activeElement;
    const lost = at === null || at === document.body || opened()?.contains(at);
    if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
  };
}
