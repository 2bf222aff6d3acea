// What the explorer keeps between visits: operations, tabs and settings, in
// local storage. Headers hold credentials and are never among them: GraphiQL
// itself leaves them in the history even when told not to persist headers.
const PREFIX = 'graphiql:';
const LISTS = /^graphiql:(queries|favorites|tabState)$/;

// storageWithoutHeaders wraps the page's local storage; every stored "headers"
// is replaced by blank. It returns null, which GraphiQL takes as "keep
// nothing", where the browser refuses storage.
export function storageWithoutHeaders(blank) {
  const store = available();
  if (!store) return null;
  return {
    get length() {
      return store.length;
    },
    getItem: (key) => store.getItem(key),
    setItem: (key, value) => {
      if (key !== `${PREFIX}headers`) store.setItem(key, LISTS.test(key) ? scrubbed(value, blank) : value);
    },
    removeItem: (key) => store.removeItem(key),
    clear: () => Object.keys(store).filter((key) => key.startsWith(PREFIX)).forEach((key) => store.removeItem(key)),
  };
}

function scrubbed(json, blank) {
  return JSON.stringify(JSON.parse(json, (key, value) => (key === 'headers' && value ? blank : value)));
}

function available() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
