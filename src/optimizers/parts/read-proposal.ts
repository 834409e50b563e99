import type { GeneratedText } from '#core/optimizer.ts';

/**
 * The new prompt in what a generator wrote: between the tags that it was asked for, in the only code fence, in a `prompt` key of
 * JSON, or the whole text when it is nothing else. Labels, quotes and an opening line of talk are taken off.
 * `cut`: the answer ended before the prompt did.
 */
export function readProposal({ text, finish }: GeneratedText): { readonly prompt: string; readonly cut: boolean } {
  // small models close with a second opening tag, or write only one tag at the end
  const tagged = /<prompt>([\s\S]*?)<\/?prompt>/i.exec(text)?.[1];
  if (tagged !== undefined) return { prompt: tidy(tagged), cut: false };
  const cut = finish === 'length' || /<prompt>/i.test(text);
  const opened = /<prompt>([\s\S]*)$/i.exec(text)?.[1];
  if (opened !== undefined && opened.trim() !== '') return { prompt: tidy(opened), cut: finish !== 'stop' };
  if (opened !== undefined) return { prompt: tidy(text), cut: false };
  const fences = [...text.matchAll(/```[a-z]*\n([\s\S]*?)```/gi)];
  if (fences.length === 1) return { prompt: tidy(fences[0]?.[1] ?? ''), cut };
  const inJson = promptOfJson(text);
  return { prompt: tidy(inJson ?? text), cut };
}

function promptOfJson(text: string): string | undefined {
  const from = text.indexOf('{');
  const to = text.lastIndexOf('}');
  if (from < 0 || to <= from) return undefined;
  try {
    const value = JSON.parse(text.slice(from, to + 1)) as unknown;
    if (typeof value === 'object' && value !== null && 'prompt' in value && typeof value.prompt === 'string')
      return value.prompt;
  } catch {
    // not JSON after all: the text is read as it stands
  }
  return undefined;
}

function tidy(text: string): string {
  let out = text.replace(/<\/?prompt>/gi, '').trim();
  out = out.replace(/^(?:sure|certainly|of course|okay|here(?:'s| is))\b[^\n]*:\s*\n+/i, '');
  out = out.replace(/^(?:the\s+)?(?:new|improved|better|final)?\s*prompt\s*(?:\d+\s*)?[:=]\s*/i, '').trim();
  const quoted = /^(["“'`])([\s\S]*)(["”'`])$/.exec(out);
  if (quoted?.[2] !== undefined && !/["“”]/.test(quoted[2])) out = quoted[2].trim();
  return out;
}
