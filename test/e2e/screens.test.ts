import axe from 'axe-core';
import type { Page } from 'playwright';
import { expect, it } from 'vitest';
import { visit } from '../support/app.ts';
import { walkThroughScreens } from '../support/screens.ts';

const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** The rules about what is different in the dark. */
const colours = ['color-contrast', 'link-in-text-block'];

/** Changes the colours, and brings those that fade to their end: what inherits a colour may begin when the other one has arrived. */
async function paint(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(async () => {
    for (let still = 0, frames = 0; still < 2 && frames < 60; frames += 1) {
      await new Promise(requestAnimationFrame);
      const fading = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
      for (const animation of fading) animation.finish();
      still = fading.length === 0 ? still + 1 : 0;
    }
  });
}

/** What axe-core objects to, in words. It is evaluated, not added as a script: the page allows no script but its own. */
async function objections(page: Page, rules: readonly string[] = []): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(
    async (values) => {
      const { axe } = window as unknown as { readonly axe: typeof import('axe-core') };
      const { violations } = await axe.run({
        resultTypes: ['violations'],
        ...(values.length > 0 ? { runOnly: { type: 'rule', values } } : {}),
      });
      return violations.flatMap(({ id, nodes }) =>
        nodes.slice(0, 3).map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary ?? ''}`),
      );
    },
    [...rules],
  );
}

/** By how much the page scrolls sideways, and what may be the cause. */
const sideways = (page: Page): Promise<{ readonly excess: number; readonly culprits: string }> =>
  page.evaluate(() => {
    const culprits = [...document.querySelectorAll('header *, main *, footer *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`);
    return {
      excess: (document.scrollingElement?.scrollWidth ?? Infinity) - innerWidth,
      culprits: culprits.slice(0, 5).join(', '),
    };
  });

it('has no screen that axe-core objects to, in light or dark, and none that scrolls sideways on a phone', () =>
  visit(
    async (app) => {
      const { page } = app;
      const seen: string[] = [];
      const faults: string[] = [];
      await walkThroughScreens(app, async (screen) => {
        seen.push(screen);
        for (const words of await objections(page)) faults.push(`${screen}: ${words}`);
        await paint(page, 'dark');
        for (const words of await objections(page, colours)) faults.push(`${screen}, dark: ${words}`);
        await paint(page, 'light');
        await page.setViewportSize(phone);
        const { excess, culprits } = await sideways(page);
        if (excess > 0) faults.push(`${screen}: ${excess} pixels wider than a phone, by ${culprits}`);
        await page.setViewportSize(desk);
      });
      expect(seen.length).toBeGreaterThan(20);
      expect(faults).toEqual([]);
    },
    { context: { viewport: desk, colorScheme: 'light' } },
  ));
