// Writes src/documents.ts from the documents in ../documents and the composed SDL.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as documents from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const here = (path) => new URL(path, import.meta.url);
const read = (path) => parse(readFileSync(here(path), 'utf8'));
const filename = here('src/documents.ts').pathname;

const code = await codegen({
  filename,
  schema: read('../../graph/testdata/schema.golden.graphqls'),
  documents: readdirSync(here('../documents')).sort().map((name) => ({ location: name, document: read(`../documents/${name}`) })),
  config: {
    documentMode: 'string',
    enumsAsTypes: true,
    useTypeImports: true,
    strictScalars: true,
    dedupeFragments: true,
    scalars: { ID: 'string', Time: 'string', Decimal: 'string', CurrencyCode: 'string', Cursor: 'string', StringMap: 'Record<string, string>' },
  },
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents },
});
writeFileSync(filename, code);
