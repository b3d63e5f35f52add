// What the feed leaves to buyers, in one replica and over all of a fleet.

/** The share of the ERP's time that the feed gets however busy the other lanes are, so that it finishes. */
export const floorShare = 0.1;
/** Of the limit, what the feed leaves free for a buyer who may come: a call under way cannot be called back. */
export const spareShare = 0.25;
/** For how long after a buyer's last call that much is left free, in ms. */
export const buyersRememberedMs = 10_000;
