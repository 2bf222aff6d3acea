import { useState } from 'preact/hooks';
import { ask, Fault } from './api';
import { Card } from './Card';
import { BRAND_SET } from './queries';
import type { Brand } from './types';

type Change = { accent?: string; logo?: string };

// Look is where staff say how the pages of the merchant look, those of its affiliates too.
export function Look({ brand, changed }: { brand: Brand | null; changed: () => void }) {
  const [fault, setFault] = useState<string>();
  const say = async (change: Change) => {
    const problem = await save(change, brand?.version);
    setFault(problem);
    if (!problem) changed();
  };
  const upload = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    if (file) await say({ logo: await asURL(file) });
    input.value = '';
  };
  return (
    <Card title="Your look" class="look" fault={fault}>
      <div class="looks">
        <label class="inline">Colour <input type="color" name="accent" value={brand?.accent ?? '#0b7a6b'} onChange={(e) => void say({ accent: e.currentTarget.value })} /></label>
        {brand?.accent && <button onClick={() => void say({ accent: '' })}>Default colour</button>}
        <label class="inline">Logo <input type="file" name="logo" accept="image/png,image/jpeg,image/gif" onChange={(e) => void upload(e.currentTarget)} /></label>
        {brand?.logo && <button onClick={() => void say({ logo: '' })}>No logo</button>}
      </div>
      <p class="muted small">Your affiliates see this page in your colour and with your logo: a PNG, JPEG or GIF of at most 64 KiB.</p>
    </Card>
  );
}

// save gives what is wrong with the change.
async function save(change: Change, expectedVersion?: number): Promise<string | undefined> {
  try {
    const { brandSet } = await ask<{ brandSet: { userErrors: { message: string }[] } }>(BRAND_SET, { input: { ...change, expectedVersion } });
    return brandSet.userErrors[0]?.message;
  } catch (cause) {
    if (cause instanceof Fault) return cause.message;
    throw cause;
  }
}

const asURL = (file: Blob) =>
  new Promise<string>((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
