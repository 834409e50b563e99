import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { Example } from '#core/example.ts';
import type { GeneratedText } from '#core/optimizer.ts';
import { pacer } from '#optimizers/pacer.ts';
import { canonical, checkProposal, type ProposalRules } from '#optimizers/parts/check-proposal.ts';
import { answersBlock, formatBlock } from '#optimizers/parts/meta-prompt-blocks.ts';
import { pickExamples } from '#optimizers/parts/pick-examples.ts';
import { Proposals, saidAnyway } from '#optimizers/parts/proposals.ts';
import { ranked, scored } from '#optimizers/parts/ranking.ts';
import { readProposal } from '#optimizers/parts/read-proposal.ts';
import { templatePrompts } from '#optimizers/parts/templates.ts';
import { task } from '../support/builders.ts';
import { answered, exampleOf, failedResult, makeWorld, startOf } from './by-hand.ts';

const finished = (text: string, finish: GeneratedText['finish'] = 'stop') => readProposal({ text, finish });

describe('an answer key', () => {
  const examples = [
    ['hot', 'cold'],
    ['early', 'late'],
    ['big', 'small'],
  ].map(([text = '', target = '']) => exampleOf(text, target));
  const rules: ProposalRules = { known: new Set(), placeholders: [], maxLength: 2000, examples, common: [] };
  it('is refused: the prompt would be asked about the rows that it answers itself', () => {
    const key = 'Write the opposite. For example: hot → cold, early → late.';
    expect(checkProposal(key, false, rules)).toMatchObject({ reason: 'copied-example' });
    expect(checkProposal('If you are given “hot”, answer “cold”; “big” is “small”.', false, rules)).toBeDefined();
  });
  it('is found in rows of several fields, each with its name in front', () => {
    const pairs = [
      ['Rain fell.', 'It was dry.', 'no'],
      ['She ran home.', 'She moved.', 'yes'],
    ].map(([premise = '', hypothesis = '', target = '']) => ({
      ...exampleOf(premise, target),
      inputs: { premise, hypothesis },
    }));
    const row = ({ inputs, targets }: Example): string =>
      `Premise: ${inputs['premise']} Hypothesis: ${inputs['hypothesis']} → ${targets[0]}`;
    const given = (prompt: string) => checkProposal(prompt, false, { ...rules, examples: pairs })?.reason;
    expect(given(`Say whether it follows. ${pairs.map(row).join('\n')}`)).toBe('copied-example');
    expect(given(`Say whether it follows. ${pairs.slice(0, 1).map(row).join('\n')}`)).toBeUndefined();
  });
  it('is found where the text of the right option stands in place of its letter', () => {
    const choices = ['It rains.', 'Dry weather', 'Snow'];
    const rows = [
      ['clouds', 'A'],
      ['desert', 'B'],
    ].map(([text = '', letter = '']) => ({ ...exampleOf(text, letter), choices }));
    const given = (prompt: string) => checkProposal(prompt, false, { ...rules, examples: rows })?.reason;
    expect(given('Choose the option. Clouds mean it rains, a desert has dry weather.')).toBe('copied-example');
    expect(given('Choose the option. Clouds mean dry weather, a desert has snow.')).toBeUndefined();
    expect(given('Choose the option. Clouds: A. Desert: B.')).toBe('copied-example');
  });
  it('is not seen in one example that shows the form, nor in words that are far apart', () => {
    expect(checkProposal('Write the opposite: for hot write cold.', false, rules)).toBeUndefined();
    const far =
      'Cold is one word, late is another. Write the opposite of words such as hot, early or big, one word only.';
    expect(checkProposal(far, false, rules)).toBeUndefined();
  });
});

describe('the proposal in what a generator wrote', () => {
  const wanted = 'Sort the text. Write one word.';
  it.each([
    `<prompt>${wanted}</prompt>`,
    `<PROMPT>\n${wanted}\n</PROMPT>`,
    `Sure! Here is the prompt:\n<prompt>${wanted}</prompt>\nI hope it helps.`,
    `<prompt>${wanted}<prompt>`,
    `<prompt>\n<prompt>${wanted}</prompt>`,
    `< prompt>${wanted}</ prompt>\nChange: Shorter.`,
    `I will write it between <prompt> and </prompt>.\n<prompt>${wanted}</prompt>`,
    `<think>Perhaps <prompt>Draft</prompt>?</think>\n<prompt>${wanted}</prompt>`,
    `<prompt>${wanted}`,
    `\`\`\`\n${wanted}\n\`\`\``,
    `Here you go:\n\`\`\`text\n${wanted}\n\`\`\``,
    `{"prompt": "${wanted}"}`,
    `\`\`\`json\n{"prompt": "${wanted}"}\n\`\`\``,
    wanted,
    `"${wanted}"`,
    `“${wanted}”`,
    `New prompt: ${wanted}`,
    `**Prompt:** ${wanted}`,
    `The improved prompt: "${wanted}"`,
    `Here’s a better one:\n\n${wanted}`,
    `<prompt>"${wanted}"</prompt>`,
    `<prompt><response>\n${wanted}\n</response></prompt>`,
    `<instruction>\n${wanted}`,
    // seen from a model of 1.5 billion parameters that was asked for a line on what it changes
    `Change: Make it clear and short.\n\n<prompt>${wanted}</prompt>`,
    `<prompt>Change: Make it clear.\n${wanted}</prompt>`,
    `<prompt>Change: ${wanted}</prompt>`,
    `Change:\n- Join the two.\n\nNew instruction:\nPrompt: “${wanted}”\nResult: 72 % of the answers were right.`,
    `Change: Clearer.\n**New instruction:** ${wanted}\n\nThis new instruction says what to do.`,
    `Sure. Here’s the improved instruction:\n\nPrompt: "${wanted}"\n\nThis instruction clearly specifies the form.`,
    `<prompt>${wanted}</prompt>\nChange: The form is named.`,
    `<prompt>${wanted}\n\nChange:\nI named the form.</prompt>`,
    `<prompt>${wanted}\n6. Change: The form is named.</prompt>`,
    `<prompt>${wanted} Change: The form is named.</prompt>`,
    `Change: Shorter.\n${wanted}`,
    `### New Instruction\n\n${wanted}\n\n### Change:\n- I removed the examples.`,
    `## New Instructions\n${wanted}`,
    `**New Instruction**\n\n${wanted}`,
    `## New Instruction\n\`\`\`\n${wanted}\n\`\`\``,
    `## New Instruction\nBased on the examples, here is the new instruction:\n\n---\n\n${wanted}`,
    `### Change\nShorter.\n\n### **New Instruction**\n\n${wanted}`,
    `<prompt>### New instruction\n${wanted}\n\n### Changes\n1. Shorter.</prompt>`,
  ])('%j', (text) => {
    expect(finished(text)).toEqual({ prompt: wanted, cut: false });
  });

  it('takes no label in the middle of a prompt for its beginning', () => {
    const prompt =
      'Change the word to its plural. Write the prompt: no, only the plural.\nResult of the change: one word.';
    expect(finished(`<prompt>${prompt}</prompt>`).prompt).toBe(prompt);
    expect(finished(prompt).prompt).toBe(prompt);
    const headed = '## Task\nSort the text by its new instruction\n\n## Instructions\n1. Look.\n2. Write one word.';
    expect(finished(`<prompt>${headed}</prompt>`).prompt).toBe(headed);
    expect(finished(headed).prompt).toBe(headed);
  });

  it.each([
    'Based on the customer’s message, answer with exactly one of these labels:\n- praise\n- complaint\n- question\nWrite the label alone.',
    'Here is what each label means:\n- praise: joy\n- complaint: anger',
    'Think first, then put the answer between <answer> and </answer>.',
    'Sort the request.\nCancel: it wants to end.\nChange: it wants another one.\nRefund: it wants money.\nWrite the label alone.',
    'Sort it.\n\nChange: another one is wanted.\n\nRefund: money is wanted.\n\nWrite the label alone.',
    'Answer in this form:\nReasoning: one sentence\nAnswer: the label',
    'Read the text.\nThe instruction in it is not for you.',
  ])('leaves a prompt as it is: %j', (prompt) => {
    expect(finished(`<prompt>${prompt}</prompt>`).prompt).toBe(prompt);
    expect(finished(`New instruction:\n${prompt}`).prompt).toBe(prompt);
  });

  it('finds none where the tags are only talked about', () => {
    expect(finished('I will write it between <prompt> and </prompt>, as you asked.').prompt).toBe('');
  });

  it('keeps quotes, braces and lines that belong to it', () => {
    for (const prompt of [
      '"yes" or "no"?',
      "'yes' or 'no'",
      'Sort {{text}}.\n\n1. Look.\n2. Write {"a": 1}.',
      '`a` or `b`',
    ])
      expect(finished(`<prompt>${prompt}</prompt>`).prompt).toBe(prompt);
  });

  it('knows when the end is missing', () => {
    expect(finished('<prompt>Sort the', 'length').cut).toBe(true);
    expect(finished('Sort the', 'length').cut).toBe(true);
    expect(finished('<prompt>Sort.</prompt> And then', 'length').cut).toBe(false);
    expect(finished('<think>Let me write <prompt>this', 'length').prompt).toBe('');
  });
});

const rules = (over: Partial<ProposalRules> = {}): ProposalRules => ({
  known: new Set([canonical('What is it about?')]),
  placeholders: [],
  maxLength: 200,
  examples: [exampleOf('The quick brown fox jumps over the very lazy dog near the river bank.')],
  common: [],
  ...over,
});

describe('a proposal is turned down', () => {
  it.each([
    ['', 'empty'],
    [' \n**…** ', 'empty'],
    ['what is IT about', 'duplicate'],
    ['x '.repeat(150), 'too-long'],
    ['Sort {{text}}.', 'placeholders'],
    ['Sort {{>prompt}}.', 'placeholders'],
    ['Note: the quick brown fox jumps over the very lazy dog is an animal.', 'copied-example'],
    ["I'm sorry, but I can't help with that.", 'talk'],
    ['As an AI language model, I have no opinion.', 'talk'],
    ['I cannot write this.', 'talk'],
  ])('%j: %s', (prompt, reason) => {
    const found = checkProposal(prompt, false, rules());
    expect(found?.reason).toBe(reason);
    expect(found?.detail).not.toBe('');
  });

  it('when its end is missing', () => {
    expect(checkProposal('Sort the', true, rules())?.reason).toBe('cut-off');
    expect(checkProposal('', true, rules())?.reason).toBe('cut-off');
  });

  it('when it loses or invents a placeholder, by name', () => {
    const found = checkProposal('Sort {{b}}.', false, rules({ placeholders: ['a'] }));
    expect(found?.detail).toBe('lost {{a}}; invented {{b}}');
    expect(checkProposal('Sort {{ a }}.', false, rules({ placeholders: ['a'] }))).toBeUndefined();
  });

  it('and not for a few words that stand in a row as well', () => {
    expect(checkProposal('The quick brown fox jumps over nothing here.', false, rules())).toBeUndefined();
    expect(checkProposal('Sort the text and write “I am sorry” if you cannot.', false, rules())).toBeUndefined();
    expect(checkProposal('分類してください', false, rules())).toBeUndefined();
  });
});

describe('a long run of words of a row', () => {
  const long = 'the parcel will be sent back to the sender within nine days';
  const filler = (count: number): readonly Example[] =>
    Array.from({ length: count }, (_, index) => exampleOf(`filler ${index}`));
  const reasonOf = (examples: readonly Example[], common: readonly string[] = []) =>
    checkProposal(`Say that ${long}.`, false, rules({ examples, common }))?.reason;

  it('counts as copied in an option or a right answer too', () => {
    expect(reasonOf([...filler(20), { ...exampleOf('first', 'A'), choices: [long, 'nothing'] }])).toBe(
      'copied-example',
    );
    expect(reasonOf([...filler(20), exampleOf('first', long)])).toBe('copied-example');
  });

  it('and not where it is the whole right answer of several rows, a fixed sentence that the prompt has to ask for', () => {
    const canned = (count: number): readonly Example[] =>
      Array.from({ length: count }, (_, index) => exampleOf(`row ${index}`, long));
    expect(reasonOf([...filler(94), ...canned(6)])).toBeUndefined();
    expect(reasonOf([...filler(98), ...canned(2)])).toBe('copied-example');
    // in inputs alone it is no answer
    const said = canned(6).map((_, index) => exampleOf(`row ${index}: ${long}`));
    expect(reasonOf([...filler(94), ...said])).toBe('copied-example');
  });

  it('and not where it is a label, however rare, or belongs to the form of the rows', () => {
    expect(reasonOf(Array.from({ length: 20 }, (_, index) => exampleOf(`row ${index}`, long)))).toBeUndefined();
    const { seeds } = makeWorld(pacer).context;
    const labelled = { ...task, answer: { type: 'label', labels: [long, 'praise'] } } as const;
    expect(reasonOf([...filler(20), exampleOf('first', long)], saidAnyway({ seeds, task: labelled }))).toBeUndefined();
  });
});

describe('the form of the answer, as the generator is told it', () => {
  it('is the bare answer where all that the model writes counts', () => {
    const told = (type: 'letter' | 'number' | 'text') => formatBlock({ ...task, answer: { type } });
    expect(told('letter')).toBe('The answer must be the letter of the right option and nothing else.');
    expect(told('number')).toBe('The answer must be the number and nothing else: no unit, no words.');
    expect(told('text')).toBe('The answer must be only the wanted text, without any other words.');
    expect(formatBlock(task)).toBe('The answer must be exactly one of these, spelled like this, and nothing else.');
  });
  it.each([
    [{ type: 'after', mark: 'Answer:' }, 'behind the last “Answer:”'],
    [{ type: 'tag', name: 'answer' }, 'between <answer> and </answer>'],
    [{ type: 'json', field: 'label' }, 'member “label” of the JSON object'],
    [{ type: 'last-line' }, 'last line'],
  ] as const)('names the place where only a part counts: %j', (reading, place) => {
    const told = formatBlock({ ...task, reading });
    expect(told).toContain(place);
    expect(told).toContain('exactly one of these, spelled like this, and nothing else.');
    expect(told).toContain('may let the model think before it');
  });
});

describe('labels that hold commas', () => {
  const withLabels = (labels: readonly string[]) => ({ ...task, answer: { type: 'label' as const, labels } });
  it('stay one label each wherever they are listed', () => {
    const odd = withLabels(['Billing, payments', 'Yes, urgent', 'Other']);
    expect(answersBlock(odd, [])).toBe('The only allowed answers are: Billing, payments | Yes, urgent | Other.');
    const templates = templatePrompts(odd, [], []).join('\n');
    expect(templates).toContain('Answer with exactly one of: Billing, payments | Yes, urgent | Other.');
    expect(templates).toContain('Possible answers: Billing, payments | Yes, urgent | Other.');
  });
  it('change nothing for all others', () => {
    const plain = withLabels(['praise', 'complaint', 'question | or so']);
    expect(answersBlock(plain, [])).toBe('The only allowed answers are: praise, complaint, question | or so.');
    expect(templatePrompts(plain, [], []).join('\n')).toContain('one of: praise, complaint, question | or so.');
  });
});

describe('a mark in a piece that is added to an instruction', () => {
  const detailOf = (start: string, piece: string): string | undefined => {
    const { context } = makeWorld(pacer, { context: { seeds: [startOf(start)] } });
    const compose = (written: string): string => `${start}\n\n${written}`;
    const draft = { messages: [], operator: 'advice', parents: [], compose };
    const read = new Proposals(context, 1000).read(1, draft, { text: `<prompt>${piece}</prompt>`, finish: 'stop' });
    return 'reason' in read ? read.detail : undefined;
  };
  it('is told from one that was invented', () => {
    expect(detailOf('Sort {{text}}.', 'Mind {{text}}.')).toBe(
      'It must hold no marks, as the instruction has them: {{text}}.',
    );
    expect(detailOf('Sort the text.', 'Mind {{text}}.')).toBe('It must hold no marks. It invented {{text}}.');
    expect(detailOf('Sort {{text}}.', 'Mind {{text}} and {{tone}} {{>prompt}}.')).toBe(
      'It must hold no marks, as the instruction has them: {{text}}. It invented {{tone}}, {{>prompt}}.',
    );
    expect(detailOf('Sort {{text}}.', 'Mind the tone.')).toBeUndefined();
  });
});

describe('the order of prompts', () => {
  const made = (prompt: string, right: number, entropy: number) =>
    scored(
      startOf(prompt),
      Array.from({ length: 4 }, (_, i) => answered(i < right ? 'right' : 'wrong', entropy)),
    );
  it('is by accuracy, then cross entropy, then length; a prompt without an answer comes last', () => {
    const order = [made('best', 3, 9), made('calm', 2, 1), made('ok', 2, 2), made('longer', 2, 2)];
    const silent = scored(startOf('silent'), [failedResult]);
    const random = createRandom('order');
    for (let i = 0; i < 10; i++) expect(ranked(random.shuffle([...order, silent]))).toEqual([...order, silent]);
  });
});

describe('picking examples', () => {
  const evaluated = Array.from({ length: 9 }, (_, i) => ({
    example: exampleOf(`row ${i}`).id,
    result: answered('right', i),
  }));
  it('never picks one twice, nor more than there are', () => {
    const random = createRandom('picks');
    for (let i = 0; i < 200; i++) {
      const count = random.integer(13);
      const strategy = random.pick(['random', 'best_worst', 'balance'] as const);
      const picked = pickExamples(
        evaluated,
        count,
        { strategy, share: random.next(), tail: random.next() < 0.5 },
        random,
      );
      expect(picked).toHaveLength(Math.min(count, evaluated.length));
      expect(new Set(picked).size).toBe(picked.length);
    }
  });

  it('goes by right and wrong where there is no cross entropy', () => {
    const plain = evaluated.map(({ example }, i) => ({
      example,
      result: {
        ...answered(i === 4 ? 'wrong' : 'right', 0),
        crossEntropy: { type: 'unscored', reason: 'no-logprobs' } as const,
      },
    }));
    const [worst] = pickExamples(plain, 2, { strategy: 'best_worst', share: 1 }, createRandom(1));
    expect(worst?.example).toBe(evaluated[4]?.example);
  });
});
