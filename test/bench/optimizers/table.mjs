// @ts-check
// The tables of the README, from the kept results.
import { accuracyOf, groupsOf, isIdea, titleOf } from './compare.mjs';
import { percent, points, pointsWithin } from './figures.mjs';

/** @param {readonly import('./results.mjs').Result[]} results @param {string} [ours] */
export function table(results, ours) {
  if (results.length === 0) return 'No results yet.';
  const tables = groupsOf(
    results.filter(({ method }) => !isIdea(method)),
    ours,
  ).map(groupTable);
  const ideas = groupsOf(
    results.filter(({ method }) => isIdea(method) || method === 'pacer'),
    'pacer',
  ).filter(({ lines }) => lines.some(({ method }) => isIdea(method)));
  return [...tables, ...ideas.map(ideaTable)].join('\n\n');
}

/**
 * Prompts that were tested more than once, by whatever run, and did not come to the same: a server's answers are not fixed.
 * @param {readonly import('./results.mjs').Result[]} all  those that were made again since, too
 */
export function driftTable(all) {
  /** @type {Map<string, import('./results.mjs').Result[]>} */
  const same = new Map();
  for (const result of all.filter(({ prompt }) => typeof prompt === 'string')) {
    const name = JSON.stringify([result.task, result.model, result['test'].n, result['prompt']]);
    same.set(name, [...(same.get(name) ?? []), result]);
  }
  const lines = [...same.values()].flatMap((runs) => {
    const times = [...new Map(runs.map(({ test, date }) => [test.right, date.slice(0, 10)]))];
    if (times.length < 2) return [];
    const told = times.map(([right, day]) => `${right} (${day})`).join(', ');
    return [
      `| ${runs[0]?.task} | ${told} | ${runs[0]?.['test'].n} | ${runs[0]?.['prompt'].replace(/\s+/g, ' ').slice(0, 80)} |`,
    ];
  });
  if (lines.length === 0) return '';
  return [
    '\nThe same prompt on the same test rows, at several times:',
    '',
    '| task | right | of | prompt |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/**
 * Who was refused calls because the cap was reached: such a run ended there, or took the refused rows for wrong.
 * @param {import('./compare.mjs').Group['lines']} lines @param {readonly import('./results.mjs').Result[]} results
 */
function cappedOf(lines, results) {
  const words = lines.flatMap(({ method, title }) => {
    const own = results.filter((result) => result.method === method);
    return /** @type {const} */ (['evaluation', 'generator']).flatMap((role) => {
      const met = own.filter(({ counts }) => (counts?.[role]?.refused ?? 0) > 0).length;
      return met > 0 ? [`${title} ${met} of ${own.length} (${role} calls)`] : [];
    });
  });
  return words.length > 0 ? ['', `Runs that were refused calls at the cap: ${words.join(', ')}.`] : [];
}

/**
 * Texts of the generator that ended at the longest length: what they lack may have been the better part.
 * @param {import('./compare.mjs').Group['lines']} lines @param {readonly import('./results.mjs').Result[]} results
 */
function cutOf(lines, results) {
  const words = lines.flatMap(({ method, title }) => {
    const own = results.filter((result) => result.method === method).map(({ counts }) => counts?.generator);
    const counts = own.filter((count) => count?.cut !== undefined);
    const sum = (/** @type {'cut' | 'calls'} */ part) => counts.reduce((all, count) => all + count[part], 0);
    const missing = own.length - counts.length;
    const not = missing > 0 ? ` (not counted in ${missing} of ${own.length} runs)` : '';
    return sum('cut') > 0 ? [`${title} ${sum('cut')} of ${sum('calls')}${not}`] : [];
  });
  return words.length > 0 ? ['', `Texts that were cut off at the longest length: ${words.join(', ')}.`] : [];
}

const little = 0.75;

/**
 * Who ended with much of the calls unspent: by its own rule, or since its settings ask for no more.
 * @param {import('./compare.mjs').Group} group
 */
function unspentOf({ budget, lines, results }) {
  const words = lines.flatMap(({ method, title }) => {
    const own = results.filter((result) => result.method === method).map(({ counts }) => counts.evaluation.calls);
    const few = own.filter((calls) => calls < little * budget).sort((a, b) => a - b);
    return few.length > 0
      ? [`${title} ${few.length} of ${own.length} (${[...new Set([few[0], few.at(-1)])].join(' to ')})`]
      : [];
  });
  return words.length > 0
    ? ['', `Runs that used less than ${100 * little} % of the evaluation calls: ${words.join(', ')}.`]
    : [];
}

/** Results whose conditions are not those of most, by method. @param {readonly import('./results.mjs').Result[]} results */
function oddOf(results) {
  /** @type {Map<string, Map<string, number>>} */
  const groups = new Map();
  for (const { shape, test, method } of results) {
    const key = `texts of up to ${shape?.maxPromptTokens} tokens, ${test.n} test rows`;
    const group = groups.get(key) ?? new Map();
    groups.set(key, group.set(method, (group.get(method) ?? 0) + 1));
  }
  const sizeOf = (/** @type {Map<string, number>} */ group) => [...group.values()].reduce((sum, count) => sum + count);
  const [most, ...others] = [...groups].sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
  if (!most || others.length === 0) return [];
  const words = others.map(([key, group]) => {
    const methods = [...group].map(([method, count]) => `${titleOf(method)} ${count}`).join(', ');
    return `${sizeOf(group)} with ${key} (${methods})`;
  });
  return ['', `Most runs were made with ${most[0]}; ${words.join('; ')}.`];
}

/** What took part, in the versions that the results were made with. @param {readonly import('./results.mjs').Result[]} results */
function versionsOf(results) {
  const all = results.flatMap(({ versions }) =>
    Object.entries(versions ?? {}).map(([name, version]) => `${name} ${version}`),
  );
  return [...new Set(all)].sort();
}

/** Variants of ours that were tried, in the same runs. @param {import('./compare.mjs').Group} group */
function ideaTable({ budget, lines, results, ours }) {
  return [
    `### ${budget} evaluation calls, ideas that were tried`,
    '',
    `| idea | run | test accuracy, % | ${titleOf(ours)} in the same run, % | calls evaluation + generator |`,
    '| --- | --- | --- | --- | --- |',
    ...lines.flatMap(({ method, title }) =>
      results
        .filter((result) => result.method === method && method !== ours)
        .map((result) => {
          const other = results.find(
            (one) => one.method === ours && one.task === result.task && one.seed === result.seed,
          );
          const { evaluation, generator } = result.counts;
          return `| ${title} | ${result.task}, seed ${result.seed} | ${percent(accuracyOf(result))} | ${
            other ? percent(accuracyOf(other)) : ''
          } | ${evaluation.calls} + ${generator.calls} |`;
        }),
    ),
  ].join('\n');
}

/** @param {import('./compare.mjs').Group} group */
function groupTable(group) {
  const { model, generator, start, budget, tasks, lines, results } = group;
  const reference = titleOf(group.ours);
  return [
    `### ${budget} evaluation calls, ${model}, generator ${generator}, ${start} starting prompts`,
    '',
    `| method | tasks × seeds | test accuracy, % | ${reference} in the same runs, % | ${reference} minus it, points | won / tied / lost | own score minus test, points | calls evaluation + generator | tokens in / out, thousand |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines.map((line) => {
      const { ours, same, signs, optimism, mean } = line;
      return `| ${[
        line.method === group.ours ? `**${line.title}**` : line.title,
        `${line.tasks} tasks, ${line.cells} runs`,
        percent(line.accuracy),
        same === undefined ? '' : percent(same),
        ours ? pointsWithin(ours) : '',
        ours ? `${signs.won} / ${signs.tied} / ${signs.lost}` : '',
        optimism === undefined ? '' : points(optimism),
        `${mean.evaluationCalls.toFixed(0)} + ${mean.generatorCalls.toFixed(0)}`,
        `${(mean.tokensIn / 1000).toFixed(0)} / ${(mean.tokensOut / 1000).toFixed(1)}`,
      ].join(' | ')} |`;
    }),
    '',
    'Test accuracy by task, %, mean over seeds (number of seeds):',
    '',
    `| method | ${tasks.join(' | ')} |`,
    `| --- |${tasks.map(() => ' --- |').join('')}`,
    ...lines.map(({ method, title }) => {
      const cells = tasks.map((task) => {
        const own = results.filter((result) => result.method === method && result.task === task).map(accuracyOf);
        return own.length === 0
          ? ''
          : `${percent(own.reduce((sum, value) => sum + value, 0) / own.length)} (${own.length})`;
      });
      return `| ${title} | ${cells.join(' | ')} |`;
    }),
    '',
    `Versions: ${versionsOf(results).join(', ')}.`,
    ...cappedOf(lines, results),
    ...unspentOf(group),
    ...cutOf(lines, results),
    ...oddOf(results),
  ].join('\n');
}
