import type { RunReport } from '#core/report.ts';
import { standingsOf } from '#core/standings.ts';
import type { App } from '#state/app.svelte.ts';
import { handedOn, hasOpenedTest, settingsOf, withFoundPrompts } from '#state/run-again.ts';

const bestPrompts = (report: RunReport): readonly string[] =>
  standingsOf(report)
    .filter(({ rank }) => rank !== undefined)
    .slice(0, handedOn)
    .map(({ record }) => record.candidate.prompt);

/** Sets up a new run like this one, on the same rows, and shows its page. A trial becomes the run in full. */
export async function useAgain(app: App, report: RunReport, best: boolean): Promise<void> {
  const { spec } = report;
  const dataset = await app.dataset(spec.dataset.id);
  if (!dataset) {
    app.say(`The data set “${spec.dataset.name}” was deleted. Import it again to start a run on it.`, 'bad');
    return;
  }
  const prompts = spec.trialOf ? withFoundPrompts(report) : best ? bestPrompts(report) : spec.prompts;
  await app.startDraft(dataset, settingsOf(spec, prompts, hasOpenedTest(report)));
}
