import { defaultOptimizer, optimizers } from '#optimizers/index.ts';
import { providers } from '#providers/index.ts';

/** Behind the column of the options, four in a line. */
const optimizerIds = Object.keys(optimizers)
  .map((id, index) => (index % 4 === 0 ? `\n                          ${id}` : id))
  .join(', ')
  .replaceAll(', \n', ',\n');

export const usage = `Tunes a prompt from the command line, with the engine, optimizers and providers of the app.

  npm run optimize -- --data FILE [--prompts FILE] [--template FILE] [--json OUT] [options]

Data and task
  --data FILE             labelled rows: .csv, .tsv, .json or .jsonl
  --template FILE         .json with any of: messages, description, answer, metric, maxAnswerTokens, mapping,
                          estimateSamples; or a text file: the user message with {{>prompt}} and {{field}} marks.
                          What is not given is guessed from the data. mapping: { "inputs": [COLUMN, …],
                          "target": [COLUMN] }, with choices, targetIs, targetSeparator, targetAfter, labelNames
  --prompts FILE          starting prompts: .json (a list of texts, or an export of best prompts),
                          or a text file with lines of --- between the prompts. Without it the run
                          starts from prompts made from the task, which are printed first.
  --read-after TEXT | --read-tag NAME | --read-json FIELD | --read-last-line
                          where in a longer answer the part that counts is found
  --train N --validation N --test N   rows of each part (guessed from the size of the data)

Models
  --base-url URL          OpenAI-compatible endpoint; without it the simulated model is used
  --model M               evaluation model
  --generator-model G     generator model (default: the evaluation model)
  --generator-base-url URL  endpoint of the generator model (default: --base-url)
                          The key is read from APG_API_KEY, for the generator's own
                          endpoint from APG_GENERATOR_API_KEY, never from the command line.
  --timeout SECONDS       longest wait for one answer (default ${providers['openai-compatible'].fields.timeoutSeconds.default})
  --concurrency N         calls at the same time (default 4)

Search
  --optimizer ID          default: ${defaultOptimizer}; one of${optimizerIds}
  --set NAME=VALUE        an option of the optimizer, any number of times; an unknown NAME lists them
  --meta-prompt FILE      the meta prompt
  --calls N               ceiling of calls, retries and the test included (default 1000)
  --tokens N --cost USD --minutes N --rounds N   further ceilings; the first one reached ends the search
  --price IN/OUT          US dollars for a million tokens of the evaluation model, for --cost and the report
  --generator-price IN/OUT  the same for a generator model of its own
  --trial                 a small trial: the first 20 train rows, 2 rounds, no test
  --seed S                default 1

Output
  --journal DIR           keeps the run in files: what was interrupted goes on with the same command, and no answer
                          is paid for twice
  --json OUT              best prompts, scores and exact numbers of calls and tokens
  --run OUT               the whole run, to be opened in the app
  --name NAME             name of the run
  --quiet                 no progress

Exit codes
  0 done, 1 something failed, 2 a mistake on the command line, 130 interrupted (Ctrl-C, the end of a job)
`;
