/** By what part of the time that passes the store's clock and ours may part; where ours was ahead it is a hundredth slower. */
const clockSlack = 0.02;

/** The store's time, as it is reckoned on by our clock from what it told last. All instants in ms since the epoch. */
export class ReckonedTime {
  #heard: { readonly told: number; readonly askedAt: number; readonly heardAt: number } | null = null;

  /** @param told by the store's clock. @param askedAt by ours, as is `heardAt` */
  hear(told: number, askedAt: number, heardAt: number): void {
    this.#heard = { told, askedAt, heardAt };
  }

  /**
   * By the store's clock, from when on what is sent now is older than that for certain.
   * @param now by our clock. @param ageMs how old, in ms. @param believedMs for how long what was told is reckoned on, in ms.
   * @returns 0 where the store has to be asked for its time anew
   */
  latest(now: number, ageMs: number, believedMs: number): number {
    if (this.#heard === null) return 0;
    const since = now - this.#heard.askedAt;
    return since > believedMs ? 0 : Math.ceil(this.#heard.told + since * (1 + clockSlack) + ageMs);
  }

  /** What the store's time must be by now, however long ago it was told: where it is not, it was set back. 0 where it never was. */
  earliest(now: number): number {
    if (this.#heard === null) return 0;
    const { told, heardAt } = this.#heard;
    return Math.floor(told + (now - heardAt) * (1 - clockSlack)) - 1;
  }
}
