import { systemClock, type Clock } from '#lib/clock.ts';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import { checkValues, type FieldValue } from '#core/fields.ts';
import type { DatasetId } from '#core/id.ts';
import type { ModelChoice } from '#core/run.ts';
import type { AnswerCache, RunJournal } from '#engine/seams.ts';
import type { Traffic } from '#engine/calls/traffic.ts';
import type { SessionTools } from '#engine/session-tools.ts';
import { metricOf, proposeReading } from '#metrics/index.ts';
import { optimizerOf } from '#optimizers/index.ts';
import { providerOf } from '#providers/index.ts';

/** Secrets of a model, kept apart from its choice: asked for when it is connected, and nowhere else. */
export type SecretsOf = (choice: ModelChoice) => Readonly<Record<string, FieldValue>>;

/** Brings the siblings together: the same engine, optimizers and providers in the page's worker and on the command line. */
export function createSessionTools(
  storage: {
    readonly journal: RunJournal;
    readonly answers: AnswerCache;
    dataset(id: DatasetId): Promise<Dataset | undefined>;
  },
  secretsOf: SecretsOf,
  traffic: Traffic,
  clock: Clock = systemClock,
): Omit<SessionTools, 'seen' | 'blocked'> {
  return {
    journal: storage.journal,
    answers: storage.answers,
    clock,
    traffic,
    proposeReading,
    dataset: (id) => storage.dataset(id),
    optimizer: optimizerOf,
    metric: metricOf,
    connect(spec, role, dataset, known) {
      const choice = spec.models[role];
      const provider = providerOf(choice.provider);
      if (!provider)
        throw new AppError('run-invalid', {
          problems: [`The provider “${choice.provider}” is not part of this version.`],
        });
      // what is wrong with a key the provider says: the page of the run then asks for another
      const { problems } = checkValues(provider.fields, choice.values);
      if (problems.length > 0) throw new AppError('run-invalid', { problems });
      const { values } = checkValues(provider.fields, { ...choice.values, ...secretsOf(choice) });
      return provider.connect(values, {
        clock,
        ...(known ? { capabilities: known } : {}),
        answerKey: { task: spec.task, examples: dataset.examples },
      });
    },
  };
}
