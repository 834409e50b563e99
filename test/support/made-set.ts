import { makeDataset, task } from './builders.ts';
import { startOpenAiServer, type OpenAiServer } from './openai-server.ts';
import type { ServerOptions } from './openai-replies.ts';
import type { AppVisit, Saved } from './app.ts';

/** A small set of made-up messages as a file, and a loopback server whose model knows them. */
export const rows = 24;
export const examples = makeDataset(rows).examples;

export const madeFile: Saved = {
  name: 'my messages.csv',
  text: [
    'text,label',
    ...examples.map(({ inputs, targets }) => `"${inputs['text'] ?? ''}",${targets[0] ?? ''}`),
    '',
  ].join('\n'),
};

export const startKnowingServer = (options: ServerOptions = {}): Promise<OpenAiServer> =>
  startOpenAiServer({ answerKey: { task, examples }, ...options });

export const sizes = { train: 8, validation: 4, test: 4 };
/** Small enough for a test, and with every part of a run in it; for Contrastive, whose calls can be counted beforehand. */
const smallRun = {
  'Training rows': sizes.train,
  'Validation rows': sizes.validation,
  'Test rows': sizes.test,
  Rounds: 2,
  'New prompts per round': 1,
};
export const startingPrompts = ['What is this message about?', 'xq zz 41 blorp under ladder seven'];

/** From the first page to a new run on the made-up messages, filled in but for its models. */
export async function prepareSmallRun(app: AppVisit): Promise<void> {
  await app.importFile(madeFile);
  await app.press('New run with this data');
  await app.setPrompts(startingPrompts);
  await makeSmall(app);
}

export async function makeSmall(app: AppVisit): Promise<void> {
  await app.chooseOptimizer('Contrastive');
  await app.fill(smallRun);
}
