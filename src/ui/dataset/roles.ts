import type { Mapping, Table } from '#core/import.ts';
import type { ColumnFacts } from '#state/import-wizard.svelte.ts';

/** The part that a column plays. */
export type Role = 'input' | 'answer' | 'option' | 'ignore';

export const roleWords: Readonly<Record<Role, string>> = {
  input: 'Input',
  answer: 'Right answer',
  option: 'Options',
  ignore: 'Ignore',
};

const optionColumns = ({ choices }: Mapping): readonly string[] =>
  choices ? (choices.type === 'list' ? [choices.column] : choices.columns) : [];

export function roleOf(mapping: Mapping, column: string): Role {
  if (mapping.target.includes(column)) return 'answer';
  if (optionColumns(mapping).includes(column)) return 'option';
  return mapping.inputs.includes(column) ? 'input' : 'ignore';
}

/** The mapping with another part for one column. What was said about the answers stays only as long as it can still be true. */
export function withRole(mapping: Mapping, facts: readonly ColumnFacts[], column: string, role: Role): Mapping {
  const part = (name: string): Role => (name === column ? role : roleOf(mapping, name));
  const names = facts.map(({ name }) => name);
  const target = names.filter((name) => part(name) === 'answer');
  const options = names.filter((name) => part(name) === 'option');
  const [only = ''] = options;
  const isList =
    options.length === 1 &&
    (facts.find(({ name }) => name === only)?.lists === true || optionColumns(mapping).join() === only);
  const sameTarget = target.join('\n') === mapping.target.join('\n');
  const sameOptions = options.join('\n') === optionColumns(mapping).join('\n');
  return {
    inputs: names.filter((name) => part(name) === 'input'),
    target,
    ...(options.length > 0
      ? { choices: isList ? { type: 'list', column: only } : { type: 'columns', columns: options } }
      : {}),
    ...(options.length > 0 && sameTarget && sameOptions && mapping.targetIs ? { targetIs: mapping.targetIs } : {}),
    ...(sameTarget && options.length === 0 ? answerForm(mapping) : {}),
  };
}

const answerForm = ({ targetSeparator, targetAfter, labelNames }: Mapping): Partial<Mapping> => ({
  ...(targetSeparator === undefined ? {} : { targetSeparator }),
  ...(targetAfter === undefined ? {} : { targetAfter }),
  ...(labelNames === undefined ? {} : { labelNames }),
});

/** The mapping with one form of the answers changed; an empty text takes the form away. */
export function withForm(mapping: Mapping, form: 'targetSeparator' | 'targetAfter', text: string): Mapping {
  const { [form]: _, ...rest } = mapping;
  return text === '' ? rest : { ...rest, [form]: text };
}

/** The mapping with another name for one label; an empty name gives the label its own name back. */
export function withLabelName(mapping: Mapping, label: string, name: string): Mapping {
  const { labelNames = {}, ...rest } = mapping;
  const names = Object.entries(labelNames).filter(([key]) => key !== label);
  if (name.trim() !== '' && name.trim() !== label) names.push([label, name.trim()]);
  return names.length === 0 ? rest : { ...rest, labelNames: Object.fromEntries(names) };
}

/** As many as a person may want to name by hand. */
const mostNamed = 30;

/** Codes in the answer column that may be given names, such as 0 and 1. None where answers are no classes. */
export function labelCodes(table: Table, facts: readonly ColumnFacts[], mapping: Mapping): readonly string[] {
  const [target = '', ...more] = mapping.target;
  const fact = facts.find(({ name }) => name === target);
  if (!fact || more.length > 0 || mapping.choices || fact.distinct > mostNamed) return [];
  const coded = fact.numeric || (fact.meanLength <= 3 && fact.distinct < table.rows.length / 3);
  if (!coded && !mapping.labelNames) return [];
  if (fact.numeric && fact.distinct > Math.max(2, table.rows.length / 5)) return [];
  const place = table.columns.indexOf(target);
  const codes = new Set(table.rows.map((row) => row[place]?.trim() ?? '').filter((code) => code !== ''));
  return [...codes].sort(new Intl.Collator('en', { numeric: true }).compare);
}
