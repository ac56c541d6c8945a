/** The pages that one was at last, kept on this device. What a click on the rail opens anyway is not among them. */
const KEY = 'smartmail.admin.recent';
export const MOST = 3;

function kept(): string[] {
  try {
    const told: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(told) ? told.filter((one): one is string => typeof one === 'string').slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** The newest first, none twice. */
export const withNewest = (before: readonly string[], page: string): string[] =>
  [page, ...before.filter((one) => one !== page)].slice(0, MOST);

class Recent {
  pages = $state.raw(kept());

  visit(page: string): void {
    if (this.pages[0] === page) return;
    this.pages = withNewest(this.pages, page);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.pages));
    } catch {
      // Private windows may have no storage: the list then lasts as long as the page.
    }
  }
}

export const recent = new Recent();
