import { describe, expect, it } from 'vitest';
import { AppError } from '#core/error.ts';
import type { Example } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import { renderMessages } from '#core/prompt.ts';
import { sizesOf, splitExamples } from '#core/split.ts';
import { secretPlace } from '#engine/api.ts';
import { specProblems } from '#engine/spec-problems.ts';
import { metricOf } from '#metrics/index.ts';
import { optimizerOf } from '#optimizers/index.ts';
import { metricChoices, optimizerChoices, providerChoices } from '#state/choices.ts';
import { estimateRun, tokensOfText, type Expected } from '#state/estimate.ts';
import { modelDraftOf } from '#state/model-draft.ts';
import { readPromptFile } from '#state/prompt-file.ts';
import { settingsOf } from '#state/run-again.ts';
import { RunDraft } from '#state/run-draft.svelte.ts';
import { Secrets } from '#state/secrets.svelte.ts';
import { piecesOf, shownMessages } from '#ui/prompt/marks.ts';
import { planSentence, shownCost, shownTime } from '#ui/pages/new-run/words.ts';
import { makeDataset, task } from '../support/builders.ts';

const optimizer = { id: 'contrastive', values: {} };
const draftOf = (): RunDraft => new RunDraft(makeDataset(30), 1, { prompts: ['Name the label.'], optimizer });
const server = (baseUrl: string, apiKey = '') =>
  modelDraftOf({ provider: 'openai-compatible', values: { baseUrl, apiKey, model: 'some-model' } });

describe('a draft of a run', () => {
  it('can start as it is, without the sealed rows among those to learn from', () => {
    const draft = draftOf();
    expect(draft.problems).toEqual([]);
    const { train, validation, test } = draft.split;
    expect(new Set([...train, ...validation, ...test]).size).toBe(30);
  });

  it('names each problem with its place', () => {
    const draft = draftOf();
    draft.sizes = { train: 20, validation: 20, test: 20 };
    draft.prompts = ['Look at {{nothing}}.'];
    draft.task = { ...draft.task, template: { messages: [{ role: 'user', content: '{{text}}' }] } };
    draft.models.set('evaluation', server('nowhere'));
    draft.optimizerValues = { ...draft.optimizerValues, rounds: 0 };
    draft.calls = Number.NaN;
    draft.costUsd = 1;
    expect(draft.findings.map(({ place }) => place)).toEqual([
      'data',
      'task',
      'prompts',
      'evaluation',
      'optimizer',
      'budget',
      'budget',
    ]);
  });

  it('names a prompt that cannot be filled in where a limit has to hold the longest call, too', () => {
    const draft = draftOf();
    draft.tokens = 1_000_000;
    draft.prompts = ['Look at {{nothing}}.'];
    expect(draft.findings).toEqual([{ place: 'prompts', text: expect.stringContaining('“nothing”') as string }]);
  });

  it('plans with the parts as they come out, where rows that ask the same stay together', () => {
    const examples = Array.from({ length: 60 }, (_, index): Example => {
      const content = { inputs: { text: `question ${index % 12}` }, targets: [`answer ${index}`] };
      return { id: exampleId(content), ...content };
    });
    const draft = new RunDraft({ ...makeDataset(30), examples, fields: ['text'] }, 1, {
      prompts: ['Answer.'],
      sizes: { train: 18, validation: 18, test: 24 },
    });
    const parts = sizesOf(draft.split);
    expect(parts).not.toEqual(draft.sizes);
    expect(draft.parts).toEqual(parts);
    // what the page calls enough is enough for the engine
    for (const { id } of optimizerChoices) {
      draft.chooseOptimizer(id);
      draft.calls = 20;
      while (draft.findings.some(({ place }) => place === 'budget')) draft.calls += 10;
      const tools = { optimizer: optimizerOf, metric: metricOf };
      expect([
        id,
        specProblems(
          draft.toSpec(0, (choice) => choice),
          tools,
        ),
      ]).toEqual([id, []]);
    }
    draft.sizes = { ...draft.sizes, test: 20 };
    expect(draft.parts).toEqual(draft.sizes);
  });

  it('says why no row is left to train on, where all rows ask the same', () => {
    const examples = Array.from({ length: 100 }, (_, index): Example => {
      const content = { inputs: { instruction: 'Do as you are told.' }, targets: [`answer ${index}`] };
      return { id: exampleId(content), ...content };
    });
    const dataset = { ...makeDataset(30), examples, fields: ['instruction'] };
    const draft = new RunDraft(dataset, 1, { prompts: ['Answer.'] });
    expect(draft.parts.train).toBe(0);
    expect(draft.findings[0]?.place).toBe('data');
    expect(draft.problems[0]).toContain('rows that ask the same');
    draft.sizes = { train: 100, validation: 0, test: 0 };
    draft.divide();
    expect(draft.findings.filter(({ place }) => place === 'data')).toEqual([]);
  });

  it('tells the generator of the answer as it is now, unless a person has written the description', () => {
    const draft = draftOf();
    const before = draft.task;
    expect(before.description).toContain('one label');
    draft.setAnswer({ type: 'number' });
    expect(draft.task.description).toContain('right number');
    expect(draft.task.maxAnswerTokens).toBeGreaterThan(before.maxAnswerTokens);
    draft.setAnswer(before.answer);
    expect(draft.task).toEqual(before);
    draft.setAnswer({ type: 'text' });
    draft.setMetric('contains');
    expect(draft.task.description).toContain('must contain');
    draft.task = { ...draft.task, description: 'Sort letters.', maxAnswerTokens: 7 };
    draft.setAnswer({ type: 'number' });
    expect(draft.task).toMatchObject({ description: 'Sort letters.', maxAnswerTokens: 7 });
  });

  it('starts without any prompt from those that are made from its task, and says so', () => {
    const draft = new RunDraft(makeDataset(30), 1);
    expect(draft.problems).toEqual([]);
    expect(draft.startsFromMade).toBe(true);
    draft.setAnswer({ type: 'label', labels: ['north', 'south'] });
    const { prompts, madePrompts } = draft.toSpec(0, (choice) => choice);
    expect(madePrompts).toEqual(prompts);
    for (const prompt of prompts) expect(prompt).toContain('north, south');
    // one of the person's own is enough, and then nothing is made
    draft.prompts = ['', ' Name the label. '];
    expect(draft.toSpec(0, (choice) => choice)).not.toHaveProperty('madePrompts');
    expect(draft.startingPrompts).toEqual(['Name the label.']);
  });

  it('makes them of the rows that may be learned from: what the sealed answers look like stays unknown', () => {
    const { examples, ...rest } = makeDataset(60);
    const split = splitExamples(examples, { seed: 1, train: 20, validation: 20, test: 20 });
    const sealed = new Set([...split.test, ...split.validation]);
    const told = examples.map((example) => ({
      ...example,
      targets: [sealed.has(example.id) ? 'a long answer of many words' : 'word'],
    }));
    const task = { answer: { type: 'text' }, metric: 'exact', description: 'Name the word.' } as const;
    const draft = new RunDraft({ ...rest, examples: told }, 1, { task, split });
    expect(draft.madePrompts.join()).toContain('one word');
  });

  it('marks a prompt as made from the task until it is changed, in the next run too', () => {
    const first = new RunDraft(makeDataset(30), 1);
    first.takeMadePrompts();
    const [kept = '', other = ''] = first.prompts;
    first.prompts = [kept, `${other} Be brief.`];
    first.task = { ...first.task, description: 'Something else.' };
    const again = new RunDraft(makeDataset(30), 1, first.toStart());
    for (const draft of [first, again]) {
      expect(draft.prompts.map((prompt) => draft.isMade(prompt))).toEqual([true, false]);
      expect(draft.toSpec(0, (choice) => choice).madePrompts).toEqual([kept]);
    }
    const next = new RunDraft(makeDataset(30), 1, settingsOf(first.toSpec(0, (choice) => choice)));
    expect(next.prompts.map((prompt) => next.isMade(prompt))).toEqual([true, false]);
  });

  it('counts the calls of the sealed test, and those of every further answer', () => {
    const draft = draftOf();
    draft.models.set('evaluation', server('https://models.example/v1'));
    const { rounds } = draft.forecast.plan;
    const plain = draft.forecast.evaluationCalls();
    expect(plain).toBe(draft.forecast.plan.evaluationCalls + 2 * draft.sizes.test);
    draft.calls = 100_000;
    draft.task = { ...draft.task, estimateSamples: 4 };
    expect(draft.forecast.plan.rounds).toBe(rounds);
    expect(draft.forecast.evaluationCalls()).toBe(5 * plain);
    // with log-probabilities nothing has to be asked again
    draft.models.setTested('evaluation', draft.models.evaluation.values, {
      ok: true,
      models: [],
      listed: false,
      capabilities: { topLogprobs: 5, rejected: [] },
      latencyMs: 100,
    });
    expect(draft.forecast.evaluationCalls()).toBe(plain);
  });

  it('says what all rounds would take where the limit holds fewer', () => {
    const draft = draftOf();
    expect(draft.forecast.unlimited).toBeUndefined();
    draft.calls = 150;
    const { unlimited } = draft.forecast;
    expect(unlimited?.rounds).toBe(12);
    draft.calls = unlimited?.calls ?? 0;
    expect(draft.forecast.plan.rounds).toBe(12);
  });

  it('says nothing of all rounds where a search goes on for as long as there are calls', () => {
    const draft = draftOf();
    draft.chooseOptimizer('pacer');
    expect(draft.forecast.plan.problems).toEqual([]);
    expect(draft.forecast.unlimited).toBeUndefined();
    expect(draft.forecast.presets.map(({ calls }) => calls)).toEqual([300, 1000, 5000]);
    // what a turned down prompt saves is spent on others: the calls are no range from nothing
    const { evaluation, generator } = draft.forecast.expectedCalls;
    expect(generator.hi).toBeGreaterThan(generator.lo);
    expect(evaluation).toEqual({
      lo: draft.forecast.evaluationCalls() - draft.sizes.test - (generator.hi - generator.lo),
      hi: draft.forecast.evaluationCalls(),
    });
    draft.chooseOptimizer('contrastive');
    expect(draft.forecast.expectedCalls.evaluation.lo).toBeLessThan(evaluation.lo);
  });

  it('asks one set of test rows where nothing but starting prompts is compared, and sets two aside', () => {
    const draft = draftOf();
    draft.chooseOptimizer('compare');
    const { test } = draft.sizes;
    expect(test).toBeGreaterThan(0);
    const { plan, testCalls, reservedCalls, expectedCalls } = draft.forecast;
    expect([testCalls, reservedCalls]).toEqual([test, 2 * test]);
    expect(expectedCalls.evaluation).toEqual({ lo: plan.evaluationCalls + test, hi: plan.evaluationCalls + test });
    draft.calls = 100_000;
    const whole = draft.forecast.plan.evaluationCalls;
    draft.calls = draft.forecast.usefulCalls;
    expect(draft.forecast.plan).toMatchObject({ evaluationCalls: whole, problems: [] });
    draft.calls = 1000;
    draft.chooseOptimizer('random-demos');
    expect(draft.forecast.testCalls).toBe(2 * test);
    expect(draft.forecast.presets.every(({ expectation }) => !expectation.includes('your prompts are asked'))).toBe(
      true,
    );
  });

  it('refuses a limit of tokens where the model was seen to take no limit of length', () => {
    const draft = draftOf();
    draft.models.set('evaluation', server('https://models.example/v1'));
    const rejected = ['max_tokens', 'max_completion_tokens'];
    const found = { models: [], listed: false, capabilities: { topLogprobs: 0, rejected }, latencyMs: 100 };
    draft.models.setTested('evaluation', draft.models.evaluation.values, { ok: true, ...found });
    expect(draft.findings).toEqual([]);
    draft.tokens = 1_000_000;
    expect(draft.findings).toEqual([
      { place: 'budget', text: expect.stringMatching(/Limit the calls instead\.$/) as string },
    ]);
  });

  it('forgets a verdict when anything of the model changes', () => {
    const draft = draftOf();
    const result = { ok: false as const, models: [], error: { code: 'provider-unreachable' as const, details: {} } };
    draft.models.set('evaluation', server('https://models.example/v1'));
    draft.models.setTested('evaluation', draft.models.evaluation.values, result);
    expect(draft.models.testOf('evaluation')).toBe(result);
    expect(draft.models.testOf('generator')).toBe(result);
    draft.models.set('evaluation', {
      ...draft.models.evaluation,
      values: { ...draft.models.evaluation.values, model: 'another' },
    });
    expect(draft.models.testOf('evaluation')).toBeUndefined();
  });

  it('keeps a key for its address: it is never taken to another server, and comes back with the address', () => {
    const draft = draftOf();
    const move = (baseUrl: string): unknown => {
      draft.models.set('evaluation', {
        ...draft.models.evaluation,
        values: { ...draft.models.evaluation.values, baseUrl },
      });
      return draft.models.evaluation.values['apiKey'];
    };
    draft.models.set('evaluation', server('https://models.example/v1', 'secret'));
    expect(move('https://models.example/v2')).toBe('secret');
    expect(move('https://models.example.evil/v1')).toBe('');
    expect(move('http://models.example/v1')).toBe('');
    expect(move('https://models.example/v1')).toBe('secret');
    draft.models.chooseProvider('evaluation', 'simulated');
    expect(draft.models.simulated).toBe(true);
    draft.models.chooseProvider('evaluation', 'openai-compatible');
    expect(draft.models.evaluation.values['apiKey']).toBe('secret');
  });

  it('says that a page cannot talk to [::1], and what to use instead', () => {
    const draft = draftOf();
    draft.models.set('evaluation', server('http://[::1]:11434/v1'));
    expect(draft.findings).toEqual([
      {
        place: 'evaluation',
        text: expect.stringMatching(/cannot be allowed to talk to \[::1\].*Use 127\.0\.0\.1/) as string,
      },
    ]);
    draft.models.set('evaluation', server('http://127.0.0.1:11434/v1'));
    expect(draft.findings).toEqual([]);
  });

  it('wants no generator, and names none, for a search that has nothing written', () => {
    const silent = optimizerChoices.filter(({ id }) => {
      const draft = draftOf();
      draft.chooseOptimizer(id);
      draft.models.same = false;
      draft.models.set('generator', server('')); // chosen, and not set up
      const wanted = draft.findings.some(({ place }) => place === 'generator');
      const { evaluation, generator } = draft.toSpec(0, (choice) => choice).models;
      expect(JSON.stringify(generator) === JSON.stringify(evaluation), id).toBe(!wanted);
      // the choice is still there for the next search, also after a reload
      for (const later of [draft, new RunDraft(draft.dataset, 1, draft.toStart())]) {
        later.chooseOptimizer('pacer');
        expect(later.findings.map(({ place }) => place)).toContain('generator');
      }
      return !wanted;
    });
    expect(silent.map(({ id }) => id).sort()).toEqual(['compare', 'random-demos']);
  });

  it('freezes into a spec without the key', () => {
    const draft = draftOf();
    const secrets = new Secrets();
    draft.models.set('evaluation', server('https://models.example/v1', '\u200bvery-secret \u200b'));
    draft.models.setPrice('evaluation', { inputUsd: 1, outputUsd: 2 });
    const provider = providerChoices.find(({ id }) => id === 'openai-compatible');
    const spec = draft.toSpec(0, (choice) => secrets.keep(choice, provider?.fields ?? {}));
    expect(JSON.stringify(spec)).not.toContain('very-secret');
    expect(secrets.of(draft.models.evaluation), 'without what cannot be seen').toEqual({ apiKey: 'very-secret' });
    expect(spec.models.generator.price).toEqual({ inputUsd: 1, outputUsd: 2 });
    secrets.drop(secretPlace(draft.models.evaluation));
    expect(secrets.count).toBe(0);
  });

  it('brings the usual metric along with another kind of answer', () => {
    const draft = draftOf();
    draft.task = { ...draft.task, metric: 'strict' };
    draft.setAnswer({ type: 'label', labels: ['a', 'b'] });
    expect(draft.task.metric).toBe('strict');
    draft.setAnswer({ type: 'number' });
    expect(draft.task.metric).toBe('number');
  });
});

describe('what the forms choose from', () => {
  it('has a usual metric for every kind of answer, and every plug-in once', () => {
    expect(metricChoices('letter')[0]?.id).toBe('choice-letter');
    for (const type of ['letter', 'label', 'number', 'text'] as const)
      expect(metricChoices(type).every(({ description }) => description !== '')).toBe(true);
    expect(providerChoices.some(({ simulated }) => simulated)).toBe(true);
    expect(optimizerChoices.length).toBeGreaterThan(0);
  });
});

describe('estimates', () => {
  it('counts tokens by script', () => {
    expect(tokensOfText('Name the right label.')).toBe(6);
    expect(tokensOfText('标签')).toBe(2);
  });

  const price = { inputUsd: 1, outputUsd: 4 };
  const calls = { evaluation: { lo: 600, hi: 1000 }, generator: { lo: 20, hi: 20 } };
  const latencyMs = { evaluation: 1000, generator: 1000 };
  const estimate = (over: Partial<Expected> = {}) =>
    estimateRun(task, makeDataset(10), ['One.'], 'Meta.', {
      calls,
      prices: { evaluation: price, generator: price },
      latencyMs,
      concurrency: 4,
      ...over,
    });

  it('gives calls, tokens and cost as ranges that are the sums of both models', () => {
    const found = estimate();
    expect(found.calls).toEqual({ lo: 620, hi: 1020 });
    for (const end of ['lo', 'hi'] as const) {
      expect(found.tokens[end]).toBe(found.evaluation.tokens[end] + found.generator.tokens[end]);
      expect(found.usd?.[end]).toBeCloseTo((found.evaluation.usd?.[end] ?? 0) + (found.generator.usd?.[end] ?? 0));
    }
    expect(found.tokens.lo).toBeLessThan(found.tokens.hi);
    expect(found.usd?.lo).toBeLessThan(found.usd?.hi ?? 0);
  });

  it('gives no cost of the whole while one price is missing, and no time while one model was not asked', () => {
    const found = estimate({ prices: { evaluation: price }, latencyMs: { evaluation: 100 } });
    expect(found.usd).toBeUndefined();
    expect(found.evaluation.usd).toBeDefined();
    expect(found.seconds).toBeUndefined();
  });

  it('divides the time among the calls under way at once, and leaves room for a busy server', () => {
    const few = { evaluation: { lo: 80, hi: 80 }, generator: { lo: 10, hi: 10 } };
    expect(estimate({ calls: few }).seconds).toEqual({ lo: 40, hi: 80 });
  });

  it('says plan, time and cost in words', () => {
    const plan = { rounds: 5, prompts: 10, generatorCalls: 20, evaluationCalls: 0, problems: [] };
    expect(planSentence({ prompts: 4, made: false }, plan, 12)).toBe(
      '4 starting prompts, then up to 10 new ones in 5 of 12 rounds.',
    );
    expect(planSentence({ prompts: 4, made: false }, { ...plan, spendsAll: true })).toBe(
      '4 starting prompts, then about 10 new ones in about 5 rounds.',
    );
    const most = { rounds: 9, prompts: 18, generatorCalls: 36 };
    expect(planSentence({ prompts: 4, made: false }, { ...plan, spendsAll: true, most }, 40)).toBe(
      '4 starting prompts, then about 10 to 18 new ones in about 5 to 9 of 40 rounds.',
    );
    expect(planSentence({ prompts: 4, made: false }, { ...plan, generatorCalls: 0 })).toContain('up to 10 new ones');
    expect(planSentence({ prompts: 3, made: true }, plan)).toBe(
      '3 starting prompts made from your task, then up to 10 new ones in 5 rounds.',
    );
    expect(planSentence({ prompts: 1, made: false }, { ...plan, rounds: 0, prompts: 0 })).toBe(
      '1 starting prompt, and no round of new ones.',
    );
    expect([5, 60, 300, 3600, 40_000].map(shownTime)).toEqual([
      'some seconds',
      'about a minute',
      'about 5 minutes',
      'about 60 minutes',
      'about 11 hours',
    ]);
    expect(shownCost({ lo: 0.001, hi: 0.002 })).toBe('under $0.01');
    expect(shownCost({ lo: 0.1, hi: 12.4 })).toBe('$0.10 to $12');
  });
});

describe('a draft that is opened again', () => {
  it('has everything that it had, but for the key', () => {
    const draft = draftOf();
    draft.models.set('evaluation', server('https://models.example/v1', 'very-secret'));
    draft.setBudget({ calls: 700, tokens: 50_000, minutes: 12, rounds: 3 });
    draft.optimizerValues = { ...draft.optimizerValues, proposals: 1 };
    draft.concurrency = 7;
    draft.name = 'Mine';
    const start = structuredClone(draft.toStart());
    expect(JSON.stringify(start)).not.toContain('very-secret');
    const again = new RunDraft(makeDataset(30), draft.seed, start);
    const plain = (choice: Parameters<typeof modelDraftOf>[0]) => choice;
    const [before, after] = [draft, again].map((one) => one.toSpec(0, plain));
    expect({ ...after, models: 0 }).toEqual({ ...before, models: 0 });
    expect(again.models.evaluation.values).toEqual({ ...draft.models.evaluation.values, apiKey: '' });
  });

  it('keeps the very rows of another run until a size or the seed is changed', () => {
    const { split } = new RunDraft(makeDataset(30), 5);
    const draft = new RunDraft(makeDataset(30), 6, { split });
    expect(draft.split).toEqual(split);
    draft.seed = 5;
    expect(draft.split).toEqual(split); // what that seed makes
    draft.seed = 7;
    expect(draft.split).not.toEqual(split);
  });

  it('plans no more rounds than the budget allows', () => {
    const draft = draftOf();
    const all = draft.forecast.plannedCalls;
    draft.rounds = 2;
    expect(draft.forecast.plan.rounds).toBe(2);
    expect(draft.forecast.plannedCalls).toBeLessThan(all);
  });

  it('has no plan to show while a limit is missing or too small, and says within which bounds it must be', () => {
    const draft = draftOf();
    expect(draft.forecast.gap).toBeUndefined();
    for (const calls of [Number.NaN, 0, -5, 1e9]) {
      draft.calls = calls;
      expect(draft.forecast.gap).toBe('limits');
      expect(draft.problems).toEqual(['Calls at most: a whole number from 1 to 1,000,000 is wanted.']);
    }
    draft.calls = 20;
    expect(draft.forecast.gap).toBe('too-little');
    draft.calls = 1000;
    draft.rounds = 0;
    expect(draft.forecast.gap).toBe('limits');
    expect(draft.problems).toEqual(['Rounds at most: a whole number from 1 to 1,000 is wanted, or nothing.']);
  });

  it('writes at least one prompt with the fewest calls that it may start with', () => {
    const draft = draftOf();
    draft.chooseOptimizer('pacer');
    draft.calls = 1;
    draft.calls = Number(/start from ([\d,]+) calls on/.exec(draft.problems.join())?.[1]);
    expect(draft.problems).toEqual([]);
    expect(draft.forecast.plan).toMatchObject({ rounds: 1, prompts: 1, generatorCalls: 1 });
  });

  it('names each limit that is none', () => {
    const draft = draftOf();
    draft.setBudget({ calls: 0, tokens: 1.5, costUsd: 3, minutes: 0, rounds: 0 });
    expect(draft.problems.map((text) => text.split(/:| needs/)[0])).toEqual([
      'Calls at most',
      'Tokens at most',
      'A limit in dollars',
      'Minutes at most',
      'Rounds at most',
    ]);
  });
});

describe('the preview of a call', () => {
  const [example] = makeDataset(1).examples;

  it('shows what is sent, letter by letter', () => {
    if (!example) throw new Error('no row');
    const prompt = 'Read {{text}} and {{>prompt}}.';
    const joined = shownMessages(task.template, prompt, example).map(({ role, segments }) => ({
      role,
      content: segments.map(({ text }) => text).join(''),
    }));
    expect(joined).toEqual(renderMessages(task.template, prompt, example));
  });

  it('shows a field that the row does not have as its mark', () => {
    if (!example) throw new Error('no row');
    const [message] = shownMessages({ messages: [{ role: 'user', content: 'A {{b}}' }] }, '', example);
    expect(message?.segments).toEqual([
      { from: 'frame', text: 'A ' },
      { from: 'missing', text: '{{b}}' },
    ]);
    expect(piecesOf('{{>prompt}} {{text}} {{b}}', ['text'], true).map(({ kind }) => kind)).toEqual([
      'prompt',
      'plain',
      'field',
      'plain',
      'unknown',
    ]);
  });
});

describe('prompts out of a file', () => {
  const read = (text: string, name: string) => readPromptFile(new File([text], name));

  it('reads a JSON list and a text file with lines between', async () => {
    expect(await read('["One. "]', 'a.json')).toEqual(['One.']);
    expect(await read('One.\n---\nTwo,\nstill two.\n', 'a.txt')).toEqual(['One.', 'Two,\nstill two.']);
  });

  it('refuses what is empty, too large or something else', async () => {
    await expect(read(' ', 'a.json')).rejects.toMatchObject({ code: 'import-empty-file' });
    await expect(read('x'.repeat(2_100_000), 'a.txt')).rejects.toMatchObject({ code: 'import-too-large' });
    await expect(read('{"rows": []}', 'a.json')).rejects.toBeInstanceOf(AppError);
  });
});
