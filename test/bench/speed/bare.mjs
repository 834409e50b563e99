// @ts-check
// The floor: the requests of the engine's bench without the engine. As many are under way, each with the same body, and each answer is
// parsed. What this takes beyond the ideal is the work of the network client, of the server and of the machine.
/** @type {(index: number) => string} */
const bodyOf = (index) =>
  JSON.stringify({
    model: 'bench',
    messages: [{ role: 'user', content: `Answer yes or no.\n\nIs ${index} a number?` }],
    max_tokens: 4,
    temperature: 0,
    seed: 1,
    logprobs: true,
    top_logprobs: 20,
  });

/** From the first request to the last answer, in milliseconds. @type {(baseUrl: string, calls: number, inFlight: number) => Promise<number>} */
export async function askBarely(baseUrl, calls, inFlight) {
  let next = 0;
  const lane = async () => {
    while (next < calls) {
      const response = await fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { accept: 'application/json', authorization: 'Bearer none', 'content-type': 'application/json' },
        body: bodyOf(next++),
      });
      const { choices } = JSON.parse(await response.text());
      if (choices[0].message.content !== 'yes') throw new Error('another answer');
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return performance.now() - began;
}
