/** Long enough for any browser to have taken the file over. */
const takenOverMs = 20_000;

/** Hands a text to the person as a file. Nothing leaves the browser. */
export function download({
  name,
  text,
  type,
}: {
  readonly name: string;
  readonly text: string | Blob;
  readonly type: string;
}): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), takenOverMs);
}
