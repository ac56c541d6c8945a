/** Of several questions that are on the way, only the newest one's answer is taken: a late answer is out of date. Pure. */
export class NewestAnswer {
  /** Counts questions. */
  #turn = 0;

  /** Asks, and gives `take` the answer unless something newer was asked meanwhile. Throws what the question throws. */
  async of<T>(question: () => Promise<T>, take: (answer: T) => void): Promise<void> {
    const turn = (this.#turn += 1);
    const answer = await question();
    if (turn === this.#turn) take(answer);
  }
}
