import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { askAnonymously, Fault } from './api';
import { VERIFY } from './queries';
import { logIn, secondFactor, signUp } from './session';
import { ownZone } from './settings';

type Step = { at: 'log in' | 'sign up' | 'letter' } | { at: 'second factor'; challenge: string };

// SignIn is the door: logging in, with a second factor where there is one, and
// signing up, with a letter where strangers may.
export function SignIn({ note, done }: { note?: string; done: () => void }) {
  const [step, setStep] = useState<Step>({ at: 'log in' });
  const [told, setTold] = useState(note);
  const go = (to: Step, tell?: string) => (setTold(tell), setStep(to));

  const deeds: Record<Step['at'], (f: Record<string, string>) => Promise<void>> = {
    'log in': async (f) => {
      const challenge = await logIn(f.email, f.password);
      challenge ? go({ at: 'second factor', challenge }) : done();
    },
    'second factor': async (f) => {
      if (step.at === 'second factor') await secondFactor(step.challenge, f.code.trim());
      done();
    },
    'sign up': async (f) => ((await signUp({ ...f, timeZone: ownZone() })) ? done() : go({ at: 'letter' }, 'A letter with a code is on its way to you.')),
    letter: async (f) => {
      const { emailVerify } = await askAnonymously<{ emailVerify: { userErrors: { message: string }[] } }>(VERIFY, { input: { code: f.code.trim() } });
      if (emailVerify.userErrors.length) throw new Fault(emailVerify.userErrors[0].message);
      go({ at: 'log in' }, 'Your address is shown to be yours. Log in.');
    },
  };

  return (
    <main class="door">
      <h1><Mark /> Tributary</h1>
      <p class="muted">{HEADLINES[step.at]}</p>
      {told && <p class="note" role="status">{told}</p>}
      <Form key={step.at} send={deeds[step.at]} label={LABELS[step.at]}>{FIELDS[step.at]()}</Form>
      {step.at === 'log in'
        ? <p class="muted">New here? <button class="link" onClick={() => go({ at: 'sign up' })}>Sign up a merchant</button></p>
        : <p class="muted"><button class="link" onClick={() => go({ at: 'log in' })}>Back to logging in</button></p>}
    </main>
  );
}

const HEADLINES: Record<Step['at'], string> = {
  'log in': 'Affiliates, commissions and payouts, as they happen.',
  'second factor': 'Your log-in asks for a second factor.',
  'sign up': 'A merchant of your own, with a sandbox beside it.',
  letter: 'Show that the address is yours.',
};
const LABELS: Record<Step['at'], string> = { 'log in': 'Log in', 'second factor': 'Go on', 'sign up': 'Sign up', letter: 'Verify' };

const FIELDS: Record<Step['at'], () => ComponentChildren> = {
  'log in': () => <><Email /><Field name="password" label="Password" type="password" autocomplete="current-password" /></>,
  'second factor': () => <Field name="code" label="Code of your app, or a recovery code" autocomplete="one-time-code" />,
  'sign up': () => (
    <>
      <Field name="merchantName" label="Merchant" autocomplete="organization" />
      <Email />
      <Field name="password" label="Password, ten characters or more" type="password" autocomplete="new-password" minLength={10} />
      <Field name="currency" label="Currency" value="USD" minLength={3} maxLength={3} />
    </>
  ),
  letter: () => <Field name="code" label="Code of the letter" />,
};

const Email = () => <Field name="email" label="E-mail" type="email" autocomplete="username" />;

function Form({ send, label, children }: { send: (fields: Record<string, string>) => Promise<void>; label: string; children: ComponentChildren }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault('');
    try {
      await send(Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>);
    } catch (cause) {
      setFault((cause as Error).message);
    }
    setBusy(false);
  };
  return (
    <form ref={form} onSubmit={submit} aria-label={label}>
      {children}
      {fault && <p class="fault" role="alert">{fault}</p>}
      <button class="primary" disabled={busy}>{busy ? 'One moment…' : label}</button>
    </form>
  );
}

type FieldProps = { name: string; label: string; type?: 'text' | 'email' | 'password'; autocomplete?: string; value?: string; minLength?: number; maxLength?: number };

function Field({ name, label, type = 'text', value, ...rest }: FieldProps) {
  return <label class="field"><span>{label}</span><input name={name} type={type as 'text'} required defaultValue={value} {...rest} /></label>;
}

// Mark is the sign of the house: three streams that become one.
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 4c0 8 8 6 8 16M20 4c0 8-8 6-8 16M12 3v17" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
    </svg>
  );
}
