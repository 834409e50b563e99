import type { Fields } from '#core/fields.ts';
import type { AnswerFormat } from '#core/task.ts';
import { normalize } from '#metrics/reading.ts';
import { metrics } from '#metrics/index.ts';
import { defaultOptimizer, optimizerOf, optimizers } from '#optimizers/index.ts';
import { providerOf, providers } from '#providers/index.ts';

/** What the plug-ins say of themselves, for forms: the screens do not know the plug-ins. */
export type MetricChoice = { readonly id: string; readonly label: string; readonly description: string };
export type PluginChoice = MetricChoice & { readonly fields: Fields };
export type ProviderChoice = PluginChoice & { readonly simulated: boolean };

export const providerChoices: readonly ProviderChoice[] = Object.keys(providers).flatMap((id) => providerOf(id) ?? []);
export const optimizerChoices: readonly PluginChoice[] = Object.keys(optimizers).flatMap((id) => optimizerOf(id) ?? []);

/** The optimizers that are offered first: the one that is recommended, then comparing the prompts that there are; and the others by name. */
export function arranged<Choice extends { readonly id: string; readonly label: string }>(
  choices: readonly Choice[],
  recommended: string = defaultOptimizer,
): { readonly first: readonly Choice[]; readonly others: readonly Choice[] } {
  const first = [...new Set([recommended, 'compare'])].flatMap(
    (id) => choices.find((choice) => choice.id === id) ?? [],
  );
  const others = choices.filter((choice) => !first.includes(choice));
  return { first, others: [...others].sort((a, b) => a.label.localeCompare(b.label, 'en')) };
}
export const isRecommended = ({ id }: { readonly id: string }): boolean => id === defaultOptimizer;

/** The metric that suits an answer format best comes first. */
const metricsFor: Readonly<Record<AnswerFormat['type'], readonly (keyof typeof metrics)[]>> = {
  letter: ['choice-letter', 'contains', 'exact', 'strict'],
  label: ['label', 'exact', 'contains', 'strict'],
  number: ['number', 'exact', 'contains', 'strict'],
  text: ['exact', 'contains', 'strict'],
};

/** The metrics that can judge such an answer, the usual one first. */
export const metricChoices = (format: AnswerFormat['type']): readonly MetricChoice[] =>
  metricsFor[format].map((id) => metrics[id]);

/** By what a label is known again in an answer: neither case nor the marks around it count. */
export const nameOfLabel = (label: string): string => normalize(label) || label.trim();
