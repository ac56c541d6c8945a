/** How fast something goes, over the last seconds, and how long it will take. */
const WINDOW_MS = 8000;

export class Pace {
  #seen: { at: number; octets: number }[] = [];

  note(octets: number, at: number): void {
    this.#seen.push({ at, octets });
    while (this.#seen.length > 2 && (this.#seen[0]?.at ?? at) < at - WINDOW_MS) this.#seen.shift();
  }

  /** After a pause the time before it does not count. */
  begin(): void {
    this.#seen = [];
  }

  /** Octets a second; null until it is known. */
  get speed(): number | null {
    const [first] = this.#seen;
    const last = this.#seen.at(-1);
    if (!first || !last || last.at - first.at < 400 || last.octets <= first.octets) return null;
    return ((last.octets - first.octets) * 1000) / (last.at - first.at);
  }

  /** Seconds until `size` octets are there; null until it is known. */
  left(size: number): number | null {
    const { speed } = this;
    const octets = this.#seen.at(-1)?.octets;
    return speed === null || octets === undefined ? null : Math.ceil((size - octets) / speed);
  }
}
