// Minifies t.src.js into t.js. The source must be ES5 already: nothing is
// translated, so nothing can be pulled in by a translation.
//
//   node build.mjs [file]       default: t.js
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parse } from 'acorn';
import { transform } from 'esbuild';

const at = (name) => fileURLToPath(new URL(name, import.meta.url));
const source = await readFile(at('t.src.js'), 'utf8');
parse(source, { ecmaVersion: 5 });

const { code } = await transform(source, { minify: true, target: 'es5', charset: 'ascii', legalComments: 'none' });
parse(code, { ecmaVersion: 5 });

await writeFile(process.argv[2] ?? at('t.js'), code);
console.log(`t.js ${code.length} bytes, ${gzipSync(code, { level: 9 }).length} gzipped`);
