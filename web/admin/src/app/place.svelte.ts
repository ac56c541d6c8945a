/** Where one is: the path of the page, with what is looked for in its query. */
class Place {
  #path = $state(location.pathname);
  #query = $state.raw(new URLSearchParams(location.search));
  /** Counts links that were followed: one to the page where one is begins it anew. */
  turn = $state(0);

  constructor() {
    addEventListener('popstate', () => this.#read());
  }

  get path(): string {
    return this.#path;
  }

  /** `/people/42` → `['people', '42']`. */
  get parts(): string[] {
    return this.#path
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decodeURIComponent(part));
  }

  query(name: string): string {
    return this.#query.get(name) ?? '';
  }

  go(path: string): void {
    history.pushState(null, '', path);
    this.#read();
  }

  /** Changes the query without a step of its own in the history. */
  ask(values: Record<string, string>): void {
    const next = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) {
      if (value === '') next.delete(name);
      else next.set(name, value);
    }
    const text = next.toString();
    history.replaceState(null, '', `${location.pathname}${text ? `?${text}` : ''}`);
    this.#read();
  }

  /** For links: opens here what a click means, leaves new tabs to the browser. */
  follow = (event: MouseEvent): void => {
    const link = (event.target as Element).closest('a');
    if (!link || link.origin !== location.origin || event.defaultPrevented) return;
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
    this.turn += 1;
  };

  #read(): void {
    this.#path = location.pathname;
    this.#query = new URLSearchParams(location.search);
  }
}

export const place = new Place();
