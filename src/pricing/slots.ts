import type { Lane } from "./source.js";

/** Who may take a slot that came free: those whom somebody waits for, and the feed. */
export type SlotClass = "buyers" | "feed";

/** A call that could be sent now: checkout goes before storefront, and a checkout before one that is due later. */
export interface Departure {
  readonly isCheckout: boolean;
  /** In ms since the epoch. */
  readonly dueAt: number;
  /** Whether it is the feed's, and has waited for more than half of the time that it had; left out, it is not. */
  readonly isPressed?: boolean;
  /** Sends it, in a slot that was taken for it. @param giveBack to be called once, when the slot is free again */
  send(giveBack: () => void): void;
}

/** One kind of question that shares the ERP's slots. */
export interface SlotUser {
  /** What it would send next; null where nothing of this class can be sent now. */
  offer(slotClass: SlotClass): Departure | null;
  /** How many of this lane wait for a slot, those among them that could not be sent now. */
  waitingIn(lane: Lane): number;
  /** Told once that no call will be sent before this instant, in ms since the epoch. */
  onHeld(until: number): void;
}

/** The slots of the limit on calls in flight at one ERP, dealt out to those who joined. */
export interface Slots {
  join(user: SlotUser): void;
  /** To be called when there is something new to offer. */
  deal(): void;
}
