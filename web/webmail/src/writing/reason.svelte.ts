/** The question why a letter goes although a leak rule warns of it; `ReasonDialog.svelte` shows it. */

class Reason {
  /** What the sender is told; null while nothing is asked. */
  why = $state.raw<string | null>(null);
  #answer: (reason: string) => void = () => undefined;

  ask(why: string): Promise<string> {
    this.#answer('');
    this.why = why;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(reason: string): void {
    this.why = null;
    this.#answer(reason);
  }
}

export const reasoning = new Reason();
export const askReason = (why: string): Promise<string> => reasoning.ask(why);
