import type { Exporter } from '#core/export.ts';
import { printBestPrompts } from './best-prompts.ts';
import { curveCsv } from './curve-csv.ts';
import { bestPromptsOf } from './from-report.ts';
import { resultsCsv } from './results-csv.ts';
import { printRunBundle } from './run-bundle.ts';

/** All exports by their id. Adding one: one file and one entry here. */
export const exporters = {
  'best-prompts': {
    id: 'best-prompts',
    label: 'Best prompts (JSON)',
    description: 'The prompts with their messages, scores and intervals. Can be opened again as starting prompts.',
    ending: '.prompts.json',
    mediaType: 'application/json',
    print: ({ report, simulated }) => printBestPrompts(bestPromptsOf(report, simulated)),
  },
  curve: {
    id: 'curve',
    label: 'Curve (CSV)',
    description: 'The numbers of the training curve, one prompt a line.',
    ending: '.curve.csv',
    mediaType: 'text/csv',
    print: ({ report }) => curveCsv(report),
  },
  results: {
    id: 'results',
    label: 'All answers (CSV)',
    description: 'Every evaluated example of every prompt, with the data. Long answers are cut to 600 characters.',
    ending: '.results.csv',
    mediaType: 'text/csv',
    print: ({ report, dataset }) => resultsCsv(report, dataset),
  },
  run: {
    id: 'run',
    label: 'Whole run (JSON)',
    description: 'Everything, with the data: can be opened again and explored on any machine.',
    ending: '.run.json',
    mediaType: 'application/json',
    print: ({ dataset, entries }) => printRunBundle(dataset, entries),
  },
} as const satisfies Readonly<Record<string, Exporter>>;

export { readPrompts } from './best-prompts.ts';
export { readRunBundle } from './run-bundle.ts';
