import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
import type { EventsSubscription, EventsSubscriptionVariables, LiveStatsSubscription, LiveStatsSubscriptionVariables, UserErrorCode } from './documents.js';
import { EventsDocument, LiveStatsDocument } from './documents.js';
import { away, dataOf, failureOf, type GraphQLAnswer, TributaryError } from './errors.js';
import { backoff, pause, stream } from './stream.js';

// Document is a typed document: one of this package, or one of your own that the same generator wrote.
export type Document<D, V> = DocumentTypeDecoration<D, V> & { toString(): string };

export interface Settings {
  // The endpoint, such as https://partners.example/graphql.
  url: string;
  // The bearer token, or what gives it: asked anew for every request.
  token?: string | (() => string | Promise<string>);
  // How often a request that may be repeated is tried in all; 5 when absent.
  attempts?: number;
  // How long one try may take, in milliseconds; 20 000 when absent.
  timeoutMs?: number;
}

export interface UserError {
  field: string[];
  message: string;
  code: UserErrorCode;
}

type Payload<D> = Exclude<D[keyof D], undefined>;

// Result is what became of a command: done with what it yields, or refused with the reasons.
export type Result<P> = ({ ok: true } & Omit<P, 'userErrors'>) | { ok: false; userErrors: UserError[] };

export type Happening = EventsSubscription['events'];
export type Totals = LiveStatsSubscription['liveStats'];

export interface EventsOptions extends Pick<EventsSubscriptionVariables, 'after' | 'types'> {
  signal?: AbortSignal;
}

export interface Client {
  // query asks, and tries again while the server is away.
  query<D, V>(document: Document<D, V>, variables: V): Promise<D>;
  // mutate carries out one command. It is tried again only if its input carries an
  // idempotencyKey, or if the server said that it had not begun.
  mutate<D extends object, V>(document: Document<D, V>, variables: V): Promise<Result<Payload<D>>>;
  // events follows what happens, each event once and in order, through cuts and
  // restarts. after is the cursor of the last event dealt with; without it the feed
  // begins now, and what happens before its first event is lost if that is preceded by a cut.
  events(options?: EventsOptions): AsyncGenerator<Happening, void, undefined>;
  // liveStats follows the totals: after a cut it goes on with fresh ones.
  liveStats(variables?: LiveStatsSubscriptionVariables, signal?: AbortSignal): AsyncGenerator<Totals, void, undefined>;
}

// REPEATABLE are failures after which the same call may end otherwise.
const REPEATABLE = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'IDEMPOTENCY_IN_FLIGHT']);

export function createClient(settings: Settings): Client {
  const { url, token, attempts = 5, timeoutMs = 20_000 } = settings;

  const send = async (body: string, accept: string, signal?: AbortSignal): Promise<Response> => {
    const bearer = typeof token === 'function' ? await token() : token;
    const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: accept };
    if (bearer) headers['Authorization'] = `Bearer ${bearer}`;
    const response = await fetch(url, { method: 'POST', headers, body, signal: signal ?? null, redirect: 'error' });
    if (!response.ok) throw await failureOf(response);
    return response;
  };

  const once = async <D>(body: string): Promise<D> => {
    try {
      const response = await send(body, 'application/json', AbortSignal.timeout(timeoutMs));
      return dataOf((await response.json()) as GraphQLAnswer<D>);
    } catch (error) {
      throw away(error);
    }
  };

  const run = async <D, V>(document: Document<D, V>, variables: V, repeatable: boolean): Promise<D> => {
    const body = JSON.stringify({ query: document.toString(), variables });
    for (let attempt = 1; ; attempt++) {
      try {
        return await once<D>(body);
      } catch (error) {
        if (!(error instanceof TributaryError) || attempt >= attempts) throw error;
        const notBegun = error.code === 'RATE_LIMITED';
        if (!notBegun && !(repeatable && REPEATABLE.has(error.code))) throw error;
        await pause(error.waitMs ?? backoff(attempt));
      }
    }
  };

  const follow = <D, V>(document: Document<D, V>, variables: () => V, signal?: AbortSignal) =>
    stream<D>((ending) => send(JSON.stringify({ query: document.toString(), variables: variables() }), 'text/event-stream', ending), signal);

  return {
    query: (document, variables) => run(document, variables, true),

    async mutate(document, variables) {
      const data = await run(document, variables, carriesKey(variables));
      return resultOf(data);
    },

    async *events({ after, types, signal } = {}) {
      let cursor = after;
      for await (const { events } of follow(EventsDocument, () => ({ after: cursor, types }), signal)) {
        cursor = events.cursor;
        yield events;
      }
    },

    async *liveStats(variables = {}, signal) {
      for await (const { liveStats } of follow(LiveStatsDocument, () => variables, signal)) yield liveStats;
    },
  };
}

function carriesKey(variables: unknown): boolean {
  const input = (variables as { input?: { idempotencyKey?: unknown } } | null)?.input;
  return typeof input?.idempotencyKey === 'string' && input.idempotencyKey !== '';
}

function resultOf<D extends object>(data: D): Result<Payload<D>> {
  const [payload] = Object.values(data) as [{ userErrors?: UserError[] }];
  const { userErrors = [], ...rest } = payload;
  return userErrors.length ? { ok: false, userErrors } : ({ ok: true, ...rest } as unknown as Result<Payload<D>>);
}
