// What moves: streams that begin again by themselves, and who wants to know.
import { ask, Fault, follow, type Variables } from './api';
import { EVENTS, LIVE } from './queries';
import { renew } from './session';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Happening, Snapshot } from './types';

export type Line = 'connecting' | 'live' | 'waiting';

// keep follows a stream for as long as the signal lasts. After a break it waits,
// longer each time, and goes on with what variables gives then.
async function keep<T>(query: string, variables: () => Variables, next: (data: T) => void, line: (state: Line) => void, signal: AbortSignal) {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      await follow<T>(query, variables(), (data) => ((tries = 0), line('live'), next(data)), signal);
    } catch (cause) {
      if (signal.aborted) return;
      if (cause instanceof Fault && cause.code === 'UNAUTHENTICATED' && !(await renew())) return;
    }
    if (signal.aborted) return;
    line('waiting');
    await new Promise((done) => setTimeout(done, Math.min(30_000, 500 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2)));
  }
}

type Listener = (event: Happening) => void;
const listeners = new Set<Listener>();

// useStreams opens the two streams of a page: totals, and what happens. A page
// that nobody sees has none, since a browser opens few at once to one address;
// seen again, it is told of everything that happened meanwhile.
export function useStreams(key: string): { snapshot?: Snapshot; line: Line } {
  const [told, setTold] = useState<{ key: string; snapshot: Snapshot }>();
  const [line, setLine] = useState<Line>('connecting');
  const after = useRef<{ key: string; cursor: string }>(undefined);
  const seen = useSeen();
  useEffect(() => {
    if (!seen) return;
    const stop = new AbortController();
    const from = () => ({ after: after.current?.key === key ? after.current.cursor : undefined });
    void keep<{ liveStats: Snapshot }>(LIVE, () => ({}), ({ liveStats }) => {
      if (after.current?.key !== key) after.current = { key, cursor: liveStats.cursor };
      setTold({ key, snapshot: liveStats });
    }, setLine, stop.signal);
    void keep<{ events: Happening }>(EVENTS, from, ({ events }) => {
      after.current = { key, cursor: events.cursor };
      listeners.forEach((hear) => hear(events));
    }, () => {}, stop.signal);
    return () => (stop.abort(), setLine('connecting'));
  }, [key, seen]);
  return { snapshot: told?.key === key ? told.snapshot : undefined, line };
}

function useSeen(): boolean {
  const [seen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setSeen(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return seen;
}

export type Asked<T> = { data?: T; fault?: string; reload: () => void };

// useAsked runs a document, and again when events of these kinds happen, at most
// once in pause milliseconds. Data that is there stays until newer has come.
export function useAsked<T>(load: () => Promise<T>, kinds: string[], deps: unknown[], pause = 1500): Asked<T> {
  const [data, setData] = useState<T>();
  const [fault, setFault] = useState<string>();
  const turn = useRef(0);
  const reload = useCallback(() => {
    const mine = ++turn.current;
    const latest = () => mine === turn.current;
    load().then(
      (got) => latest() && (setData(got), setFault(undefined)),
      (cause: Error) => latest() && setFault(cause.message),
    );
  }, deps);
  useEffect(() => {
    let due = 0;
    const hear = ({ type }: Happening) => {
      if (!due && kinds.some((kind) => type.startsWith(kind))) due = window.setTimeout(() => ((due = 0), reload()), pause);
    };
    reload();
    listeners.add(hear);
    return () => (listeners.delete(hear), clearTimeout(due), void turn.current++);
  }, [reload]);
  return { data, fault, reload };
}

// question is a document as something to load.
export const question = <T>(query: string, variables: Variables = {}) => () => ask<T>(query, variables);
