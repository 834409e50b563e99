import { demos, edit, template } from './composed.ts';
import { compress, contrast, format, merge, reflect, restart } from './written.ts';

/** Every way of getting to a new prompt, by the name that a run keeps of it. */
export const operators = { reflect, contrast, merge, demos, edit, format, compress, restart, template } as const;
export type OperatorId = keyof typeof operators;
/** Those that the generator has no part in. */
export const composing: ReadonlySet<string> = new Set<OperatorId>(['demos', 'edit', 'template']);
