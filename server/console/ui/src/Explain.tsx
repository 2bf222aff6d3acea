import { useEffect, useRef } from 'preact/hooks';
import { Badge } from './Card';
import { nameOf } from './Conversions';
import { cash, moment, words } from './format';
import { question, useAsked } from './live';
import { EXPLAIN } from './queries';
import type { Explained, ExplainedCommission, Touch } from './types';

type Props = { id: string; zone: string; close: () => void };

// Explain tells of one order who got credit, by which rule, and how each
// commission came about, step by step. Escape closes it.
export function Explain({ id, zone, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { data, fault } = useAsked(question<{ node: Explained | null }>(EXPLAIN, { id }), ['commission.', 'refund.', 'conversion.'], [id]);
  useEffect(() => dialog.current?.showModal(), []);
  const of = data?.node;
  const shut = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class="explain" aria-labelledby="explain-title" onClose={close} onClick={(e) => e.target === dialog.current && shut()}>
      <div class="sheet">
        <div class="head">
          <h2 id="explain-title">{of ? `Order ${nameOf(of)}` : 'Order'}</h2>
          <button class="icon" onClick={shut} aria-label="Close">✕</button>
        </div>
        {fault && <p class="fault" role="alert">{fault}</p>}
        {!of && !fault && <p class="muted">{data ? 'This order is not there, or not yours.' : 'Loading…'}</p>}
        {of && <><Facts of={of} zone={zone} /><Credit of={of} zone={zone} />{of.commissions.map((c) => <Earned key={c.id} of={c} zone={zone} />)}</>}
        {of && !of.commissions.length && <p class="note">No commission{of.ratingReason ? `: ${words(of.ratingReason).toLowerCase()}` : ''}.</p>}
      </div>
    </dialog>
  );
}

const Facts = ({ of, zone }: { of: Explained; zone: string }) => (
  <dl class="facts">
    <dt>Placed</dt><dd>{moment(of.occurredAt, zone)}</dd>
    <dt>Status</dt><dd><Badge of={of.status} text={words(of.status)} /></dd>
    <dt>Commissionable</dt><dd>{cash(of.base)}</dd>
    {/[1-9]/.test(of.refunded.amount) && <><dt>Given back</dt><dd>{cash(of.refunded)}</dd></>}
    {of.source && <><dt>Reported by</dt><dd>{of.source}</dd></>}
  </dl>
);

function Credit({ of, zone }: { of: Explained; zone: string }) {
  const decision = of.attribution;
  if (!decision) return null;
  return (
    <section class="credit">
      <h3>Who got credit</h3>
      <p>
        <strong>{decision.affiliate?.name ?? 'Nobody'}</strong>, by the rule “{words(decision.rule).toLowerCase()}”
        {decision.policy && ` (${words(decision.policy.model).toLowerCase()}, ${decision.policy.windowDays} days)`}.
        {decision.reason && ` ${words(decision.reason)}.`}
      </p>
      <ol class="touches">{decision.touches.map((t) => <Considered key={t.touchId} of={t} zone={zone} winner={t.affiliateId === decision.affiliate?.id ? decision.affiliate?.name : undefined} />)}</ol>
    </section>
  );
}

const Considered = ({ of: t, zone, winner }: { of: Touch; zone: string; winner?: string }) => (
  <li class={t.won ? 'won' : ''}>
    <span>{words(t.kind)}{winner && ` of ${winner}`}</span>
    <span class="muted">{moment(t.at, zone)}</span>
    <span>{t.won ? (t.share && t.share !== '1/1' ? `counts ${t.share}` : 'won') : t.excluded ? words(t.excluded).toLowerCase() : 'did not win'}</span>
  </li>
);

function Earned({ of, zone }: { of: ExplainedCommission; zone: string }) {
  return (
    <section class="earned-by">
      <h3>{of.affiliate.name}{of.level > 1 && <span class="muted"> · level {of.level}</span>} <span class="num">{cash(of.net)}</span></h3>
      <p class="muted"><Badge of={of.status} text={words(of.status)} /> {of.dueAt && `held until ${moment(of.dueAt, zone)}`} {of.reason && words(of.reason)}</p>
      <ol class="steps">
        {of.explanation?.steps.map((s, i, all) => <li key={i} class={i === result(all) ? 'sum' : ''}><span>{s.text}</span><span class="num">{cash(s.after)}</span></li>)}
      </ol>
      {aside(of).map((l, i) => <p key={i} class="muted">{l.text}</p>)}
    </section>
  );
}

// result is the step that this commission comes to: of a sale's levels its own, else the last.
const result = (steps: { text: string }[]) => {
  const own = steps.findLastIndex((s) => s.text.includes('this commission'));
  return own < 0 ? steps.length - 1 : own;
};

// aside is what became of the upline, where no step has said it already.
const aside = ({ explanation }: ExplainedCommission) => explanation?.levels.filter((l) => !explanation.steps.some((s) => s.text === l.text)) ?? [];
