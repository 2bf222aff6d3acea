// compile runs the Relay compiler, unmodified, on a source file against the
// schema that the binary prints, and gives what it made by name. It throws what
// the compiler says about documents that do not fit the schema.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const COMPILER = fileURLToPath(new URL('../node_modules/relay-compiler/cli.js', import.meta.url));

export function compile(source) {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-relay-'));
  const made = join(dir, 'made');
  try {
    for (const folder of ['src', 'made']) mkdirSync(join(dir, folder));
    copyFileSync(source, join(dir, 'src', basename(source)));
    writeFileSync(join(dir, 'schema.graphql'), execFileSync(process.env.TRIBUTARY_BINARY, ['schema']));
    writeFileSync(join(dir, 'relay.config.json'), JSON.stringify({ src: 'src', schema: 'schema.graphql', artifactDirectory: 'made', language: 'javascript', eagerEsModules: false }));
    execFileSync(process.execPath, [COMPILER, 'relay.config.json'], { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
    return Object.fromEntries(readdirSync(made).map((file) => [basename(file, '.graphql.js'), require(join(made, file))]));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
