import { AppError } from '#core/error.ts';
import type { ImportNote } from '#core/example.ts';

type Encoding = { readonly encoding: string; readonly note?: ImportNote };

const guessed = (encoding: string, shown: string, why: string): Encoding => ({
  encoding,
  note: {
    code: 'encoding-guessed',
    message: `The file ${why}, so it was read as ${shown}. If letters look wrong, choose another encoding or save the file as UTF-8.`,
  },
});

const startsWith = (bytes: Uint8Array, ...mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte);

/** Text of Western languages in UTF-16 has a zero in every other byte: which one tells the byte order. */
function utf16WithoutMark(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const zeros = [0, 0];
  head.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  const many = head.length / 5;
  if (odd > many && even < odd / 10) return 'utf-16le';
  if (even > many && odd < even / 10) return 'utf-16be';
  return undefined;
}

const pieceBytes = 1 << 18;

/** The bytes in pieces of one size, so that progress and aborting do not hang on how an engine cuts its streams. */
async function* piecesOf(blob: Blob, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let from = 0; from < blob.size; from += pieceBytes) {
    const piece = await blob.slice(from, from + pieceBytes).arrayBuffer();
    signal.throwIfAborted();
    yield new Uint8Array(piece);
  }
}

async function isUtf8(blob: Blob, signal: AbortSignal): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of piecesOf(blob, signal)) decoder.decode(bytes, { stream: true });
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** The byte order mark decides, then whether the bytes are UTF-8 from the first to the last; what is left is read as Windows-1252. */
export async function detectEncoding(
  file: { readonly name: string; readonly blob: Blob },
  head: Uint8Array,
  signal: AbortSignal,
): Promise<Encoding> {
  if (startsWith(head, 0xef, 0xbb, 0xbf)) return { encoding: 'utf-8' };
  if (startsWith(head, 0xff, 0xfe, 0, 0) || startsWith(head, 0, 0, 0xfe, 0xff))
    throw new AppError('import-encoding', { file: file.name, encoding: 'UTF-32' });
  if (startsWith(head, 0xff, 0xfe)) return { encoding: 'utf-16le' };
  if (startsWith(head, 0xfe, 0xff)) return { encoding: 'utf-16be' };
  const utf16 = utf16WithoutMark(head);
  if (utf16) return guessed(utf16, utf16.toUpperCase(), 'has a zero in every other byte and no byte order mark');
  if (await isUtf8(file.blob, signal)) return { encoding: 'utf-8' };
  return guessed('windows-1252', 'Windows-1252', 'is not UTF-8');
}

/** Windows-1252 from 0x80 to 0x9f. Some JavaScript engines decode it as Latin-1, which has control characters there. */
const highSigns = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const withHighSigns = (text: string): string =>
  text.replace(/[\x80-\x9f]/g, (sign) => highSigns[sign.charCodeAt(0) - 0x80] ?? sign);

function decoderFor(encoding: string, file: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new AppError('import-encoding', { file, encoding }, error);
  }
}

/**
 * The text of a file, piece by piece and without its byte order mark.
 * @throws AppError `import-encoding` at the first bytes that this encoding does not have.
 */
export async function* textOf(
  file: { readonly name: string; readonly blob: Blob },
  encoding: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly text: string; readonly share: number }> {
  const decoder = decoderFor(encoding, file.name);
  const windows = decoder.encoding === 'windows-1252';
  const decode = (bytes?: Uint8Array<ArrayBuffer>): string => {
    try {
      const text = bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
      return windows ? withHighSigns(text) : text;
    } catch (error) {
      throw new AppError('import-encoding', { file: file.name, encoding }, error);
    }
  };
  let done = 0;
  for await (const bytes of piecesOf(file.blob, signal)) {
    done += bytes.length;
    yield { text: decode(bytes), share: done / file.blob.size };
  }
  yield { text: decode(), share: 1 };
}
