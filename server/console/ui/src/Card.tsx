import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

type Props = { title: string; class?: string; tools?: ComponentChildren; fault?: string; waiting?: boolean; children?: ComponentChildren };

// Card is one part of the page, with its name, its tools and its trouble.
export function Card({ title, class: name = '', tools, fault, waiting, children }: Props) {
  const id = useId();
  return (
    <section class={`card ${name}`} aria-labelledby={id} aria-busy={waiting}>
      <div class="head"><h2 id={id}>{title}</h2>{tools && <div class="tools">{tools}</div>}</div>
      {fault && <p class="fault" role="alert">{fault}</p>}
      {waiting && !fault ? <p class="muted pad">Loading…</p> : children}
    </section>
  );
}

// Nothing says what to do next where there is nothing yet.
export const Nothing = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <div class="nothing"><strong>{title}</strong><p>{children}</p></div>
);

type ChoiceProps<T extends string> = { label: string; options: readonly (readonly [T, string])[]; value: T; pick: (value: T) => void };

// Choice is a row of buttons of which one is pressed.
export function Choice<T extends string>({ label, options, value, pick }: ChoiceProps<T>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map(([key, text]) => <button key={key} aria-pressed={key === value} onClick={() => pick(key)}>{text}</button>)}
    </div>
  );
}

const TONES: Record<string, string> = {
  ACCEPTED: 'good', SETTLED: 'good', APPROVED: 'good', ACTIVE: 'good', CLOSED: 'good',
  PENDING: 'warn', RESERVED: 'warn', WAITING: 'warn', HALF_OPEN: 'warn', PARTIALLY_REFUNDED: 'warn',
  FAILED: 'bad', REJECTED: 'bad', REVERSED: 'bad', CANCELLED: 'bad', REFUNDED: 'bad', OPEN: 'bad', RETURNED: 'bad',
};

export const Badge = ({ of, text }: { of: string; text: string }) => <span class={`badge ${TONES[of] ?? ''}`}>{text}</span>;
