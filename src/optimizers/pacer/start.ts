import { halvingRaceCells } from '../parts/race.ts';

/** How PACER begins: the starting prompts and a few templates race against each other. */

/** Rows of the first rung. */
export const firstSeedRung = 8;
/** Templates that are tried with the starting prompts. */
export const templatesAtStart = 3;
/** Starting prompts that meet at the end: the race may have sent all but one away after its first rung. */
export const baselines = 2;

/** Cells that the race takes at the most. */
export const raceOfSeeds = (entrants: number, rows: number): number => halvingRaceCells(entrants, rows, firstSeedRung);

/** Templates that race with so many starting prompts, as far as the calls that are left hold them. */
export function templatesThatFit(seeds: number, rows: number, left: number): number {
  let room = templatesAtStart;
  while (room > 0 && raceOfSeeds(seeds + room, rows) > left) room -= 1;
  return room;
}
