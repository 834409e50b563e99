import { AppError, type ErrorCode } from '#core/error.ts';
import { plainSecret, type Fields, type Values } from '#core/fields.ts';
import { defineProvider, type ConnectionReport, type ConnectTools } from '#core/provider.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import type { OpenAiClient } from './openai/client.ts';

const fields = {
  baseUrl: {
    type: 'url',
    label: 'Address of the API',
    help: 'Where /chat/completions is found below. It ends in /v1 as a rule.',
    default: 'https://api.openai.com/v1',
    placeholder: 'http://localhost:11434/v1',
  },
  model: { type: 'model', label: 'Model', default: '' },
  apiKey: {
    type: 'secret',
    label: 'API key',
    help: 'Sent to this address and nowhere else. A server of your own may need none.',
    default: '',
    placeholder: 'sk-…',
  },
  timeoutSeconds: {
    type: 'number',
    label: 'Longest wait for one answer (s)',
    help: 'How long answers take here is learned from the first ones; this is the most. A model that thinks aloud, or runs on a slow computer, may need minutes.',
    min: 1,
    max: 3600,
    step: 1,
    default: 300,
    advanced: true,
  },
} as const satisfies Fields;
type Options = Values<typeof fields>;

/** Everything that speaks OpenAI's format: OpenAI, OpenRouter, vLLM, llama.cpp, Ollama, LM Studio and many more. */
export const openAiCompatible = defineProvider({
  id: 'openai-compatible',
  label: 'OpenAI or compatible',
  description:
    'Any server that speaks OpenAI’s format, in the cloud or on your own computer. The prompts and the rows go there, straight from this page.',
  simulated: false,
  fields,
  connect: (values, tools) => connect(values, tools),
  listModels: async (values, signal) => (await connect(values, { clock: systemClock })).listModels(signal),
  test: testConnection,
});

async function connect(
  values: Options,
  { clock, capabilities }: { clock: Clock } & ConnectTools,
): Promise<OpenAiClient> {
  const { createOpenAiClient } = await import('./openai/client.ts');
  return createOpenAiClient({
    baseUrl: values.baseUrl.trim(),
    model: values.model.trim(),
    key: plainSecret(values.apiKey),
    timeoutMs: values.timeoutSeconds * 1000,
    clock,
    ...(capabilities ? { capabilities } : {}),
  });
}

/** First the list of models, which costs nothing, then one real question. */
async function testConnection(values: Options, tools: ConnectTools, signal: AbortSignal): Promise<ConnectionReport> {
  let models: readonly string[] = [];
  let calls = 0;
  try {
    const client = await connect(values, { clock: tools.clock });
    models = await listIfPossible(client, signal);
    const { capabilities, latencyMs } = await client.examine(signal, () => calls++);
    return { ok: true, models, listed: models.includes(values.model.trim()), capabilities, latencyMs, calls };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    const broken = error as AppError;
    return { ok: false, error: await withAdvice(broken, values, models, signal), models, calls };
  }
}

/** A server without such a list, or with one of its own make, may still answer questions. */
async function listIfPossible(client: OpenAiClient, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await client.listModels(signal);
  } catch (error) {
    const harmless: readonly ErrorCode[] = [
      'provider-wrong-address',
      'provider-bad-answer',
      'provider-rejected',
      'provider-overloaded',
    ];
    const code: ErrorCode | undefined = error instanceof AppError ? (error as AppError).code : undefined;
    if (code && harmless.includes(code)) return [];
    throw error;
  }
}

/** The error with what else is known: the models there are, or the address that would have been right. */
async function withAdvice(
  error: AppError,
  values: Options,
  models: readonly string[],
  signal: AbortSignal,
): Promise<AppError> {
  if (error.code === 'provider-model-unknown')
    return new AppError('provider-model-unknown', { model: values.model.trim(), known: models });
  if (error.code !== 'provider-wrong-address') return error;
  const { url, status } = error.details as { url: string; status: number };
  for (const suggestion of addressesNear(url)) {
    const found = await answersAsApi({ ...values, baseUrl: suggestion }, signal);
    if (found) return new AppError('provider-wrong-address', { url, status, suggestion });
  }
  return error;
}

/** People paste the address of the web page, of the host alone, or of the very last end point. */
function addressesNear(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { origin } = new URL(url);
  const trimmed = url.replace(/\/(?:chat\/completions|completions|models|responses)$/, '');
  return [...new Set([trimmed, `${trimmed}/v1`, `${origin}/v1`, `${origin}/api/v1`])].filter((near) => near !== url);
}

async function answersAsApi(values: Options, signal: AbortSignal): Promise<boolean> {
  try {
    const client = await connect({ ...values, timeoutSeconds: 10 }, { clock: systemClock });
    await client.listModels(signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof AppError && error.code === 'provider-unauthorized';
  }
}
