// Bundles the explorer: one script, one style sheet, the licences of everything
// inside. The output depends on the lock file only.
//
//   node build.mjs [folder]     default: ../dist
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licences } from './licences.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = resolve(process.argv[2] ?? join(here, '../dist'));

// Fonts are left to the reader's system: the packaged ones are 380 kB of data URIs.
const withoutFonts = {
  name: 'without-fonts',
  setup(esbuild) {
    esbuild.onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, async ({ path }) => ({
      loader: 'css',
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*{[^}]*}/g, ''),
    }));
  },
};

// Style sheets named by scripts are already part of graphiql/style.css.
const withoutScriptStyles = {
  name: 'without-script-styles',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.css$/ }, ({ path, suffix }) =>
      path.includes('@graphiql') ? { contents: '', loader: 'css' } : null,
    );
  },
};

const result = await build({
  absWorkingDir: here,
  entryPoints: { explorer: 'main.jsx' },
  outdir: dist,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020'],
  jsx: 'automatic',
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  alias: {
    'framer-motion': './shims/framer-motion.jsx',
    'react-remove-scroll': './shims/react-remove-scroll.jsx',
    entities: './shims/entities.js',
  },
  plugins: [withoutFonts, withoutScriptStyles],
  logLevel: 'warning',
});

await writeFile(join(dist, 'licences.txt'), await licences(here, Object.values(result.metafile.outputs)));

for (const [name, { bytes }] of Object.entries(result.metafile.outputs)) {
  console.log(`${name.split('/').pop()} ${bytes} bytes`);
}
