/** Of what was for sale in the full run before, the part that is left by a run that nothing is wrong with. */
const leastLeft = 0.5;

/** Whether so little is left of what was for sale before that the ERP is at fault more likely than the shop. */
export function isShrunk(left: number, before: number): boolean {
  return left < before * leastLeft;
}
