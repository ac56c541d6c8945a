/** Whether somebody is typing, so that what appears late does not take the focus, and with it the next letters, away. */

export function someoneTypes(): boolean {
  const { activeElement } = document;
  return (
    activeElement instanceof HTMLElement &&
    (activeElement.isContentEditable || activeElement.matches('input, textarea, select, [role=combobox]'))
  );
}
