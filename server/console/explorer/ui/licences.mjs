// Collects the licence text of every package that gave bytes to a bundle.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

// licences returns one text: each distinct licence under the packages it covers.
export async function licences(root, outputs) {
  const byText = new Map();
  for (const folder of bundledPackages(outputs)) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const text = (await licenceFile(join(root, folder))) ?? `Licensed under ${license}.`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  return [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(72)}\n\n`);
}

function bundledPackages(outputs) {
  const folders = outputs
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter(Boolean);
  return [...new Set(folders)].sort();
}

async function licenceFile(folder) {
  const name = (await readdir(folder)).sort().find((file) => /^licen[cs]e/i.test(file));
  return name && (await readFile(join(folder, name), 'utf8')).replace(/\r\n/g, '\n').trim();
}
