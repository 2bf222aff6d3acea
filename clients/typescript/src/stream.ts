import { away, dataOf, failureOf, type GraphQLAnswer, TributaryError } from './errors.js';

// The server sends a sign of life every 15 s: a stream that is silent for three is dead.
const SILENCE_MS = 45_000;
const LONGEST_PAUSE_MS = 5_000;

// backoff is how long to wait before the next of so many tries, in milliseconds.
export const backoff = (tries: number): number => Math.min(100 * 2 ** tries, LONGEST_PAUSE_MS);

export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => (clearTimeout(timer), signal?.removeEventListener('abort', done), resolve());
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });

// stream gives the results of a subscription and opens it anew when it is cut. It
// ends when the signal or the reader ends it, and throws what coming back cannot mend.
export async function* stream<D>(open: (ending: AbortSignal) => Promise<Response>, signal?: AbortSignal): AsyncGenerator<D, void, undefined> {
  for (let fruitless = 0; !signal?.aborted; fruitless++) {
    const ending = new AbortController();
    const end = () => ending.abort();
    signal?.addEventListener('abort', end);
    let opened = false;
    try {
      if (fruitless) await pause(backoff(fruitless), signal);
      if (signal?.aborted) return;
      const response = await alive(open(ending.signal), end);
      opened = true;
      for await (const result of results<D>(response, end)) {
        fruitless = 0;
        yield result;
      }
    } catch (error) {
      if (signal?.aborted) return;
      const failure = away(error);
      if (!(failure instanceof TributaryError) || !passes(failure, opened)) throw failure;
      await pause(failure.waitMs ?? 0, signal);
    } finally {
      signal?.removeEventListener('abort', end);
      end();
    }
  }
}

// passes tells what the next try may not meet. A token that ends while the stream is
// open may have a successor; one that is refused at the door has none.
const passes = ({ code }: TributaryError, opened: boolean) =>
  code === 'UNAVAILABLE' || code === 'RATE_LIMITED' || code === 'DEADLINE_EXCEEDED' || (opened && code === 'UNAUTHENTICATED');

// alive ends what takes longer than a stream may be silent.
async function alive<T>(promise: Promise<T>, end: () => void): Promise<T> {
  const timer = setTimeout(end, SILENCE_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

// results reads a stream of graphql-sse, distinct connections: only what has come
// whole is given. It returns when the stream is complete or cut.
async function* results<D>(response: Response, end: () => void): AsyncGenerator<D, void, undefined> {
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) throw await failureOf(response);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ; ) {
    const { done, value } = await alive(reader.read(), end);
    if (done) return;
    const messages = (text + value).split('\n\n');
    text = messages.pop()!;
    for (const message of messages) {
      const fields = Object.fromEntries(message.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
      if (fields['event'] === 'next') yield dataOf(JSON.parse(fields['data'] ?? '') as GraphQLAnswer<D>);
    }
  }
}
