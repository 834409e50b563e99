import { expect, it } from 'vitest';
import { pageProblem } from '#state/origin.ts';

it.each([
  ['https://api.example.com/v1', undefined],
  ['http://127.0.0.1:8103/v1/', undefined],
  ['not an address', undefined], // another check has words for that
  ['http://[::1]:8103/v1', /Use 127\.0\.0\.1 instead/],
  ['http://[2001:db8::1]/v1', /Use a name/],
  ['https://api.example.com/openai?key=AIza0123', /what begins with “\?”/],
  ['https://api.example.com/v1?', undefined], // nothing is lost
  ['https://api.example.com/v1#top', /what begins with “#”/],
])('what keeps an address from being asked as it stands: %s', (baseUrl, problem) => {
  const found = pageProblem({ baseUrl });
  if (problem) expect(found).toMatch(problem);
  else expect(found).toBeUndefined();
  expect(found ?? '').not.toContain('AIza');
});
