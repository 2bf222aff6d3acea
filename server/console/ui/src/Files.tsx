import { useEffect, useState } from 'preact/hooks';
import { ask, Fault, follow } from './api';
import { month, type Home } from './board';
import { Badge, Card } from './Card';
import { count, stamp, words } from './format';
import { question, useAsked } from './live';
import { EXPORT, EXPORT_PROGRESS, EXPORTS, listOf, type Listed } from './queries';
import type { File } from './types';

const FORMATS = ['CSV', 'JSONL'] as const;
const load = question<{ exports: File[] }>(EXPORTS);

// Files are lists and reports to take away, written by the server to their end.
export function Files({ zone, home, lists }: { zone: string; home: Home; lists: Listed[] }) {
  const [list, setList] = useState<Listed>(lists[0]);
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('CSV');
  const [problem, setProblem] = useState<string>();
  const { data, fault, reload } = useAsked(load, [], []);
  const make = async () => {
    const name = `${list.toLowerCase()}-${month(home.zone).to}`;
    setProblem(await begin({ query: listOf(list, month(home.zone)), format, name }));
    reload();
  };
  return (
    <Card title="Files" class="files" fault={problem ?? fault} waiting={!data}>
      <div class="pickers">
        <label class="inline"><span class="hidden">List</span><select name="list" value={list} onChange={(e) => setList(e.currentTarget.value as Listed)}>{lists.map((l) => <option key={l} value={l}>{words(l)}</option>)}</select></label>
        <label class="inline"><span class="hidden">Format</span><select name="format" value={format} onChange={(e) => setFormat(e.currentTarget.value as typeof format)}>{FORMATS.map((f) => <option key={f}>{f}</option>)}</select></label>
        <button onClick={() => void make()}>Make a file</button>
      </div>
      {data && !data.exports.length && <p class="muted small">A whole list, however long, as you see it. It is kept for a week.</p>}
      {data && data.exports.length > 0 && <ul class="rows">{data.exports.slice(0, 5).map((f) => <Made key={f.id} of={f} zone={zone} ended={reload} />)}</ul>}
    </Card>
  );
}

// begin leaves a file to be written; it gives what is wrong with it.
async function begin(input: { query: string; format: string; name: string }): Promise<string | undefined> {
  try {
    const { exportCreate } = await ask<{ exportCreate: { userErrors: { message: string }[] } }>(EXPORT, { input });
    return exportCreate.userErrors[0]?.message;
  } catch (cause) {
    if (cause instanceof Fault) return cause.message;
    throw cause;
  }
}

const under = (f: File) => f.status === 'QUEUED' || f.status === 'RUNNING';

function Made({ of, zone, ended }: { of: File; zone: string; ended: () => void }) {
  const [now, setNow] = useState(of);
  useEffect(() => setNow(of), [of]);
  useEffect(() => {
    if (!under(of)) return;
    const stop = new AbortController();
    const told = ({ exportProgress }: { exportProgress: File }) => (setNow(exportProgress), under(exportProgress) || ended());
    follow<{ exportProgress: File }>(EXPORT_PROGRESS, { id: of.id }, told, stop.signal).catch(() => !stop.signal.aborted && setTimeout(ended, 2000));
    return () => stop.abort();
  }, [of.id, of.status]);
  const path = now.url && new URL(now.url);
  return (
    <li class="payout file">
      <span class="name">{path ? <a href={path.pathname + path.search} download>{now.name}.{now.format.toLowerCase()}</a> : now.name}</span>
      <span class="muted">{stamp(now.createdAt, zone)}</span>
      <Badge of={now.status === 'DONE' ? 'ACTIVE' : now.status === 'FAILED' ? 'FAILED' : 'PENDING'} text={words(now.status)} />
      <span class="num">{count(now.rows)} {now.rows === 1 ? 'row' : 'rows'}</span>
      {now.reason && <span class="muted why">{now.reason}</span>}
    </li>
  );
}
