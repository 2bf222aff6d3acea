// Keeps a CRM in step: each conversion and each affiliate is there once, as it
// stands, whatever becomes of the connection, the server or this process.
//
//   TRIBUTARY_URL=http://127.0.0.1:8080/graphql TRIBUTARY_TOKEN=trb_… CRM_URL=http://127.0.0.1:9000 node sync.mjs cursor.txt
//
// The cursor is kept after the CRM has taken the record: an end between the two
// repeats the last write, which is an upsert under our id and changes nothing.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { AffiliateDocument, ConversionDocument, createClient } from 'tributary-client';

const { TRIBUTARY_URL: url, TRIBUTARY_TOKEN: token, CRM_URL: crm } = process.env;
const file = process.argv[2] ?? 'cursor.txt';
const client = createClient({ url, token, attempts: 20 }); // over a minute of a server that is away

// readers: how to read the row that an id names, by the id's prefix.
const readers = {
  aff: async (id) => {
    const { node } = await client.query(AffiliateDocument, { id });
    return node && { name: node.name, email: node.email, status: node.status };
  },
  cnv: async (id) => {
    const { node } = await client.query(ConversionDocument, { id });
    return node && {
      order: node.orderNumber || node.externalID,
      status: node.status,
      total: node.total,
      refunded: node.refunded,
      earned: (node.commissions ?? []).map(({ affiliateID, status, amount }) => ({ affiliateID, status, amount })),
    };
  },
};

// concerned are the rows that an event may have changed: its subject, its
// affiliate, and the conversion that its facts name.
function concerned({ subjectId, affiliateId, facts }) {
  const ids = [subjectId, affiliateId, facts.conversion_id].filter((id) => id && id.slice(0, 3) in readers);
  return new Set(ids);
}

async function upsert(id) {
  const record = await readers[id.slice(0, 3)](id);
  if (!record) return; // not ours to see, or merged into another
  const response = await fetch(`${crm}/records/${id}`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(record) });
  if (!response.ok) throw new Error(`the CRM answers ${response.status}`); // whoever runs this starts it again
}

function kept() {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return ''; // from the beginning of what is kept
    throw error;
  }
}

// keep replaces the file whole: an end in the middle leaves the old cursor.
function keep(cursor) {
  writeFileSync(`${file}.new`, cursor);
  renameSync(`${file}.new`, file);
}

for await (const event of client.events({ after: kept() })) {
  for (const id of concerned(event)) await upsert(id);
  keep(event.cursor);
}
