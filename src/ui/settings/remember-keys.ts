import type { App } from '#state/app.svelte.ts';

/** Keys are sealed under this passphrase from now on, and it is said so. It is through with the passphrase in any case. */
export async function rememberKeys(app: App, passphrase: string): Promise<true> {
  if (await app.keys.remember(passphrase)) app.say('Keys are remembered on this device from now on.', 'good');
  else app.say('Another tab has sealed keys on this device already. Unlock them with its passphrase.', 'bad');
  return true;
}
