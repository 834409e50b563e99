/** A fresh seed for a new run, small enough to be read out and typed in again. The only caller of ambient chance. */
export const freshSeed = (): number => Math.floor(Math.random() * 1_000_000);
