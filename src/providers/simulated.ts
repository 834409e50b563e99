import type { Capabilities, Completion, CompletionRequest, ModelClient } from '#core/completion.ts';
import type { Fields, Values } from '#core/fields.ts';
import { defineProvider, type AnswerKey, type ConnectTools } from '#core/provider.ts';
import { hashOf } from '#lib/hash.ts';
import { createRandom } from '#lib/random.ts';
import { answerRow, firstOf, type Answer } from './simulated/answer.ts';
import { asksForAdvice, asksForNotes, asksForPrompt } from './simulated/brief.ts';
import { advice, composePrompt, notes } from './simulated/compose.ts';
import { createRecognizer, recognizeByInputs, textOf, type Recognized } from './simulated/recognize.ts';
import { createReaderOfShown } from './simulated/shown-rows.ts';
import { study, worldOf, type Character, type Study } from './simulated/study.ts';
import { inputTokensOf, logprobsOf, withinLimits, type Option } from './simulated/tokens.ts';

const models = ['careful', 'small'] as const;
const allCapabilities: Capabilities = { topLogprobs: 20, rejected: [] };

const fields = {
  model: {
    type: 'choice',
    label: 'Model',
    choices: [
      { value: 'careful', label: 'Careful: follows a good prompt closely' },
      { value: 'small', label: 'Small: makes more mistakes with any prompt' },
    ],
    default: 'careful',
  },
  latencyMs: {
    type: 'number',
    label: 'Time an answer takes (ms)',
    help: 'Only a pause before each answer; 0: none.',
    min: 0,
    max: 60_000,
    step: 10,
    default: 0,
    advanced: true,
  },
  seed: {
    type: 'number',
    label: 'World',
    help: 'Another number, another model: other rows are hard, other wordings fail.',
    min: 0,
    max: 999_999,
    step: 1,
    default: 1,
    advanced: true,
  },
} as const satisfies Fields;
type Options = Values<typeof fields>;

/** A stand-in for a language model that needs no key, no network and no time. A pure function of request, options and answer key. */
export const simulated = defineProvider({
  id: 'simulated',
  label: 'Simulated model',
  description:
    'Plays the part of both models inside the page, for trying things out: no key, no cost, and nothing leaves the page. It knows the right answers of your data, and its scores say nothing about real models.',
  simulated: true,
  fields,
  connect: (values, tools) => Promise.resolve(createSimulatedClient(values, tools)),
  listModels: () => Promise.resolve(models),
  test: (values, tools, signal) => {
    signal.throwIfAborted();
    const capabilities = tools.capabilities ?? allCapabilities;
    return Promise.resolve({ ok: true, models, listed: true, capabilities, latencyMs: values.latencyMs, calls: 0 });
  },
});

function createSimulatedClient(
  values: Options,
  { clock, capabilities = allCapabilities, answerKey }: ConnectTools,
): ModelClient {
  const character: Character = { model: values.model === 'small' ? 'small' : 'careful', seed: values.seed };
  const answer = createMind(character, answerKey);
  return {
    fingerprint: `simulated/2/${worldOf(character)}/${answerKey ? keyName(answerKey) : 'no rows'}`,
    lane: 'simulated',
    mostInFlight: 256,
    async complete(request, signal) {
      signal.throwIfAborted();
      if (values.latencyMs > 0) await clock.sleep(values.latencyMs, signal);
      return completionOf(request, answer(request), Math.min(request.topLogprobs, capabilities.topLogprobs), values);
    },
    probe: () => ({ found: capabilities }),
  };
}

/** The rows and the task decide what is right, so they belong to the name of the model. Ids of rows are hashes of their content. */
const keyName = ({ task, examples }: AnswerKey): string =>
  hashOf([examples.map(({ id }) => id), task.description, JSON.stringify([task.answer, task.template])]).slice(0, 16);

type Thought = { readonly text: string; readonly first?: readonly Option[]; readonly cut?: boolean };

function createMind(character: Character, key: AnswerKey | undefined): (request: CompletionRequest) => Thought {
  const recognize = key && createRecognizer(key);
  const readShown = key && createReaderOfShown(key);
  const studies = new Map<string, Study>();
  const studyOf = (prompt: string, of: AnswerKey): Study => {
    const known = studies.get(prompt);
    if (known) return known;
    const worked = readShown?.(prompt) ?? { instruction: prompt, right: 0, wrong: 0 };
    const made = study(prompt, worked, of.task, character);
    if (studies.size > 500) studies.clear();
    studies.set(prompt, made);
    return made;
  };
  return (request) => {
    const text = textOf(request.messages);
    const draw = request.temperature > 0 ? String(request.seed) : 'greedy';
    const random = createRandom(`${worldOf(character)}/${draw}/${hashOf(text)}`);
    const answerTo = ({ example, prompt }: Recognized, of: AnswerKey): Answer =>
      answerRow(example, prompt, studyOf(prompt, of), of, character, { temperature: request.temperature, random });

    const row = recognize?.(text);
    if (key && row) return answerTo(row, key);
    if (asksForAdvice(text)) return { text: advice };
    if (asksForNotes(text)) return { text: notes };
    if (asksForPrompt(text)) return composePrompt(text, key, random);
    const guess = key && recognizeByInputs(text, key.examples);
    if (key && guess) return answerTo(guess, key);
    return { text: 'I am a simulated model and know only the rows of the data set, so I cannot say much about this.' };
  };
}

function completionOf(
  request: CompletionRequest,
  thought: Thought,
  top: number,
  { model, latencyMs }: Options,
): Completion {
  const { tokens, finishReason } = withinLimits(thought.text, request);
  const first = thought.first ?? firstOf(tokens[0] ?? '');
  return {
    text: tokens.join(''),
    finishReason: thought.cut ? 'length' : finishReason,
    ...(top > 0 ? { tokens: logprobsOf(tokens, first, top) } : {}),
    usage: { inputTokens: inputTokensOf(request), outputTokens: tokens.length },
    latencyMs,
    servedModel: `simulated-${model}`,
  };
}
