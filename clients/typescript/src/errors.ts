// TributaryError is a failure of the system, as opposed to a refused input: its
// code is one of docs/errors.md, UNAVAILABLE too where nothing answered at all.
export class TributaryError extends Error {
  override name = 'TributaryError';

  constructor(
    readonly code: string,
    message: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  // waitMs is how long the server asks to wait before the next try, in milliseconds.
  get waitMs(): number | undefined {
    const { retryAfterMs } = this.extensions;
    return typeof retryAfterMs === 'number' ? retryAfterMs : undefined;
  }
}

export interface GraphQLAnswer<D> {
  data?: D | null;
  errors?: { message: string; extensions?: Record<string, unknown> }[];
}

// dataOf gives an answer's data; its first error is thrown.
export function dataOf<D>({ data, errors }: GraphQLAnswer<D>): D {
  const first = errors?.[0];
  if (first) throw new TributaryError(String(first.extensions?.['code'] ?? 'INTERNAL'), first.message, first.extensions);
  if (!data) throw new TributaryError('UNAVAILABLE', 'the answer has no data');
  return data;
}

// failureOf reads an answer that is not the API's own as well, such as a proxy's.
export async function failureOf(response: Response): Promise<TributaryError> {
  const text = await response.text();
  try {
    dataOf(JSON.parse(text) as GraphQLAnswer<unknown>);
  } catch (error) {
    if (error instanceof TributaryError) return error;
  }
  const code = response.status >= 500 || response.status === 429 ? 'UNAVAILABLE' : 'BAD_REQUEST';
  return new TributaryError(code, `HTTP ${response.status}`);
}

// away makes a failure of the network one of ours; a caller's own abort stays what it is.
export function away(error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof TributaryError || signal?.aborted) return error;
  return new TributaryError('UNAVAILABLE', 'the server does not answer', {}, { cause: error });
}
