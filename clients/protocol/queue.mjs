// queue is what has come and was not taken yet.
export function queue() {
  const waiting = [];
  const come = [];
  return {
    put: (value) => (waiting.length ? waiting.shift()(value) : come.push(value)),
    take: () => (come.length ? Promise.resolve(come.shift()) : new Promise((resolve) => waiting.push(resolve))),
  };
}
