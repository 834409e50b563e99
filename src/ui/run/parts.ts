/** The tabs of a run, as they stand in its address. */
export const parts = [
  { id: 'curve', label: 'Curve' },
  { id: 'prompts', label: 'Prompts' },
  { id: 'rounds', label: 'Rounds' },
  { id: 'race', label: 'Race' },
  { id: 'result', label: 'Result' },
  { id: 'guess', label: 'Guess' },
] as const;

export type Part = (typeof parts)[number]['id'];
