// Bundles the console: one script, one style sheet, the licences of everything
// inside. The output depends on the lock file only.
//
//   node build.mjs [folder]     default: ../dist
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licences } from '../explorer/ui/licences.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = resolve(process.argv[2] ?? join(here, '../dist'));

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { console: 'src/main.tsx' },
  outdir: dist,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

await writeFile(join(dist, 'licences.txt'), await licences(here, Object.values(metafile.outputs)));

for (const [name, { bytes }] of Object.entries(metafile.outputs)) {
  console.log(`${name.split('/').pop()} ${bytes} bytes`);
}
