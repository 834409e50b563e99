import type { ModelChoice } from '#core/run.ts';
import type { Conditions } from '#engine/api.ts';
import { originOf } from './origin.ts';

type Weather = Conditions['weather'][number]['weather'];

export type BadWeather = Exclude<Weather, { readonly type: 'clear' }>;

/** Least first: what holds a run up most is what is said. */
const order: readonly Weather['type'][] = ['clear', 'limited', 'waiting'];

/** What holds back the requests of a run with these models; undefined while nothing does. */
export function weatherOver({ weather }: Conditions, models: readonly ModelChoice[]): BadWeather | undefined {
  const origins = models.map(({ values }) => originOf(values)).filter((origin) => origin !== '');
  const worst = weather
    .filter(({ lane }) => origins.some((origin) => lane.includes(origin)))
    .map((one) => one.weather)
    .sort((a, b) => order.indexOf(b.type) - order.indexOf(a.type))[0];
  return worst?.type === 'clear' ? undefined : worst;
}
