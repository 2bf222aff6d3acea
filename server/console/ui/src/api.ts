// The way to the API: questions by POST, what moves as a stream of server-sent
// events over the same door. Both carry the header that lets the cookies count.
import { headers, renew } from './session';

// Fault is why the server gave no data: its code and its plain words.
export class Fault extends Error {
  constructor(message: string, readonly code = '') {
    super(message);
  }
}

type Reply<T> = { data?: T | null; errors?: { message: string; extensions?: { code?: string } }[] };
export type Variables = Record<string, unknown>;

// ask runs one document. An access token that has ended is renewed once.
export async function ask<T>(query: string, variables: Variables = {}, signal?: AbortSignal): Promise<T> {
  try {
    return await post<T>(query, variables, headers(), signal);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'UNAUTHENTICATED' || !(await renew())) throw cause;
    return post<T>(query, variables, headers(), signal);
  }
}

// askAnonymously leaves the session aside: an old cookie must not spoil a log-in.
export const askAnonymously = <T>(query: string, variables: Variables = {}) => post<T>(query, variables, {});

async function post<T>(query: string, variables: Variables, extra: Record<string, string>, signal?: AbortSignal): Promise<T> {
  const response = await send(query, variables, extra, 'application/json', signal);
  const reply = (await response.json().catch(() => ({}))) as Reply<T>;
  return checked(reply, response.status);
}

async function send(query: string, variables: Variables, extra: Record<string, string>, accept: string, signal?: AbortSignal) {
  const body = JSON.stringify({ query, variables });
  try {
    return await fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: accept, ...extra }, body, signal });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Fault('The server cannot be reached. It is tried again by itself.', 'UNREACHABLE');
  }
}

function checked<T>(reply: Reply<T>, status: number): T {
  const error = reply.errors?.[0];
  if (error) throw new Fault(error.message, error.extensions?.code);
  if (!reply.data) throw new Fault(`The server answered ${status} without data.`);
  return reply.data;
}

// follow reads one stream to its end and hands over each answer.
export async function follow<T>(query: string, variables: Variables, next: (data: T) => void, signal: AbortSignal) {
  const response = await send(query, variables, headers(), 'text/event-stream', signal);
  if (!response.body || !response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
    checked((await response.json().catch(() => ({}))) as Reply<T>, response.status);
    return;
  }
  for await (const message of messages(response.body)) {
    if (message.event === 'complete') return;
    if (message.event === 'next') next(checked(JSON.parse(message.data) as Reply<T>, 200));
  }
}

async function* messages(body: ReadableStream<Uint8Array>) {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield parsed(part);
  }
}

function parsed(part: string) {
  const message = { event: '', data: '' };
  for (const line of part.split('\n')) {
    if (line.startsWith('event:')) message.event = line.slice(6).trim();
    if (line.startsWith('data:')) message.data += line.slice(5).trimStart();
  }
  return message;
}
