import { ErpOverloaded, ErpTimeout } from "../errors.js";

// What a question is told that is not sent.

export function queueFull(): ErpOverloaded {
  return new ErpOverloaded("shed: too many keys wait for the ERP", { countsAsFailure: false });
}

export function queueStands(): ErpOverloaded {
  return new ErpOverloaded("shed: the queue for the ERP does not drain", { countsAsFailure: false });
}

/** @param heldUntil when the ERP may be asked again, in ms since the epoch. @param now likewise */
export function heldBack(heldUntil: number, now: number): ErpOverloaded {
  return new ErpOverloaded("the ERP asked not to be asked for a while", {
    countsAsFailure: false,
    retryAfterSeconds: Math.ceil((heldUntil - now) / 1000),
  });
}

export function tooLate(): ErpTimeout {
  return new ErpTimeout("the ERP takes longer at present than there is time left");
}
