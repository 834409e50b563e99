/** What of an address may leave the machine: names, passwords and queries can hold a key. */
export function publicAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}
