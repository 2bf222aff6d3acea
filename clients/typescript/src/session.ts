import { createClient } from './client.js';
import { LogInDocument, SessionRefreshDocument } from './documents.js';
import { TributaryError } from './errors.js';

// EARLY_MS before a token ends its successor is fetched.
const EARLY_MS = 30_000;

interface Pair {
  accessToken: string | null;
  refreshToken: string | null;
  expiresAt: string | null;
}

// logIn signs a person in and gives what createClient takes as token: it refreshes
// the session by itself. Who has a second factor is refused with FORBIDDEN.
export async function logIn(url: string, input: { email: string; password: string; merchantId?: string }): Promise<() => Promise<string>> {
  const client = createClient({ url });
  const taken = (answer: ({ ok: true } & Pair) | { ok: false; userErrors: { message: string }[] }): Pair & { accessToken: string } => {
    if (!answer.ok) throw new TributaryError('UNAUTHENTICATED', answer.userErrors[0]?.message ?? 'refused');
    const { accessToken, ...rest } = answer;
    if (!accessToken) throw new TributaryError('FORBIDDEN', 'a second factor is asked for');
    return { ...rest, accessToken };
  };
  const renew = async ({ refreshToken }: Pair) => taken(await client.mutate(SessionRefreshDocument, { input: { refreshToken: refreshToken ?? '' } }));
  const ends = ({ expiresAt }: Pair) => Date.parse(expiresAt ?? '') - EARLY_MS <= Date.now();

  let current = taken(await client.mutate(LogInDocument, { input }));
  let renewing: Promise<void> | undefined; // a refresh token works once: who asks meanwhile waits for the same
  return async () => {
    if (ends(current)) {
      renewing ??= renew(current).then((pair) => void (current = pair)).finally(() => (renewing = undefined));
      await renewing;
    }
    return current.accessToken;
  };
}
