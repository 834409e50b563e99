import { fieldsOf, messagesWithPrompt, shownRows, type PromptTemplate } from '#core/prompt.ts';
import type { Summary } from '#core/evaluation.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';
import { standingsOf } from '#core/standings.ts';
import { reportedScore } from '#core/reported-score.ts';
import type { ModelChoice } from '#core/run.ts';
import { publicAddress } from './address.ts';
import type { BestPromptsFile } from './best-prompts.ts';

/** How many prompts are exported, the winner and the best starting prompt always among them. */
const exported = 10;

/** The export of a run's best prompts. `simulated`: whether this provider's numbers come from no language model. */
export function bestPromptsOf(report: RunReport, simulated: (provider: string) => boolean): BestPromptsFile {
  const { spec, spending } = report;
  const tried = report.candidates.filter(
    ({ candidate, summaries }) =>
      summaries.train.asked > 0 || candidate.id === report.best || candidate.id === report.baseline,
  );
  const order = standingsOf(report).flatMap(({ record }) => (tried.includes(record) ? [record] : []));
  const kept = order.filter(({ candidate }, index) => index < exported || candidate.id === report.baseline);
  return {
    format: 'automated-prompt-generator/prompts',
    version: 1,
    prompts: kept.map((record, index) => promptOf(record, index + 1, spec.task.template)),
    baseline: report.baseline ?? null,
    ...selectionOf(report),
    models: {
      evaluation: modelOf(spec.models.evaluation, simulated),
      generator: modelOf(spec.models.generator, simulated),
    },
    dataset: {
      id: spec.dataset.id,
      name: spec.dataset.name,
      train: spec.split.train.length,
      validation: spec.split.validation.length,
      test: spec.split.test.length,
    },
    task: { description: spec.task.description, metric: spec.task.metric, answer: spec.task.answer },
    optimizer: { id: spec.optimizer.id, version: spec.optimizer.version },
    seed: spec.seed,
    cost: {
      evaluationCalls: spending.evaluationCalls,
      generatorCalls: spending.generatorCalls,
      probeCalls: spending.probeCalls,
      cachedAnswers: report.cachedAnswers,
      inputTokens: spending.evaluation.inputTokens + spending.generator.inputTokens,
      outputTokens: spending.evaluation.outputTokens + spending.generator.outputTokens,
      usd: report.costUsd ?? null,
    },
    run: spec.id,
    name: spec.name,
    createdAt: new Date(report.lastAt).toISOString(),
  };
}

/** Of the winner, so it is not named again. */
function selectionOf(report: RunReport): Pick<BestPromptsFile, 'selection'> {
  const found = reportedScore(report);
  if (!found) return {};
  const { standing, chosenOn, test } = found;
  const { testSeen } = report.spec;
  return {
    selection: { standing, chosenOn: [...chosenOn], ...(test ? { test } : {}), ...(testSeen ? { testSeen } : {}) },
  };
}

const promptOf = (
  { candidate, round, summaries }: CandidateReport,
  place: number,
  template: PromptTemplate,
): BestPromptsFile['prompts'][number] => {
  const messages = messagesWithPrompt(template, candidate.prompt);
  return {
    id: candidate.id,
    rank: place,
    round,
    start: candidate.origin.type === 'start',
    ...(candidate.origin.type === 'start' && candidate.origin.made ? { made: true } : {}),
    prompt: candidate.prompt,
    ...(candidate.demos ? { instruction: candidate.demos.instruction, demonstrations: [...shownRows(candidate)] } : {}),
    messages: messages.map(({ role, content }) => ({ role, content })),
    variables: [...fieldsOf(messages.map(({ content }) => content).join('\n'))],
    scores: {
      ...(summaries.train.asked > 0 ? { train: scoreOf(summaries.train) } : {}),
      ...(summaries.validation.asked > 0 ? { validation: scoreOf(summaries.validation) } : {}),
      ...(summaries.test.asked > 0 ? { test: scoreOf(summaries.test) } : {}),
    },
  };
};

const scoreOf = ({
  n,
  asked,
  right,
  accuracy,
  crossEntropy,
}: Summary): NonNullable<BestPromptsFile['prompts'][number]['scores']['test']> => ({
  n,
  right,
  coverage: asked === 0 ? 0 : n / asked,
  ...(accuracy ? { accuracy } : {}),
  ...(crossEntropy ? { crossEntropy } : {}),
});

/** Only what names the model: options that might hold an address with credentials in it are reduced to origin and path. */
function modelOf(
  { provider, values }: ModelChoice,
  simulated: (provider: string) => boolean,
): BestPromptsFile['models']['evaluation'] {
  const baseUrl = typeof values['baseUrl'] === 'string' ? publicAddress(values['baseUrl']) : undefined;
  return {
    provider,
    model: String(values['model'] ?? ''),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    simulated: simulated(provider),
  };
}
