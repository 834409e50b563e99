import type { Message } from '#core/completion.ts';
import type { Field } from '#core/fields.ts';
import { parseTemplate } from '#core/prompt.ts';

/** Fills the marks of a meta prompt. A mark that is not known stays as it is; empty lines that a mark leaves behind are joined. */
export const fillMetaPrompt = (metaPrompt: string, parts: Readonly<Record<string, string>>): string =>
  parseTemplate(metaPrompt)
    .map((part) => (part.type === 'field' && Object.hasOwn(parts, part.name) ? (parts[part.name] ?? '') : part.text))
    .join('')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** A meta prompt as all that the generator is told. */
export const asked = (metaPrompt: string, parts: Readonly<Record<string, string>>): readonly [Message] => [
  { role: 'user', content: fillMetaPrompt(metaPrompt, parts) },
];

/** An option that holds a meta prompt. */
export const metaPromptField = (text: string, label = 'Meta prompt') =>
  ({
    type: 'long-text',
    label,
    help: 'What the generator is told. The marks in double braces are filled in each round.',
    default: text,
    advanced: true,
  }) as const satisfies Field;
