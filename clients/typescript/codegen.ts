// Writes src/documents.ts from the documents in ../documents and the composed SDL.
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../graph/testdata/schema.golden.graphqls',
  documents: '../documents/*.graphql',
  generates: {
    'src/documents.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        dedupeFragments: true,
        scalars: { ID: 'string', Time: 'string', Decimal: 'string', CurrencyCode: 'string', Cursor: 'string', StringMap: 'Record<string, string>' },
      },
    },
  },
};
export default config;
