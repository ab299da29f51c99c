import { hash } from 'node:crypto';

const keys = Array.from({ length: 3000 }, (_, n) => hash('md5', `${n}`));
const records = ['draft', 'work', 'summary'].map((name) => ({
  name,
  type: 'function',
  status: 'done',
  startedAt: '2026-11-22T10:00:00.000Z',
  ms: 0,
  attempts: 1,
}));
const inputs = {
  a: { path: 'lists/a/17.txt', sha256: hash('sha256', 'a') },
  b: { path: 'lists/b/17.txt', sha256: hash('sha256', 'b') },
};

/** How many lines a flow takes. */
export const LINES = 4;

/** The three steps of the `n`-th flow, as the store takes them. */
export function stepsOf(n) {
  const flow = n.toString(16).padStart(16, '0');
  return records.map((record, place) => {
    const key = keys[(3 * n + place) % keys.length];
    return { flow, branch: [], occurrence: 0, key, output: `output of flow ${n}`, record };
  });
}

/** Its end. */
export function endOf(n, steps) {
  const [{ flow }] = steps;
  return { flow, branch: [], index: n, status: 'done', ms: 2, inputs, steps, error: null };
}

/** Gives the event loop a turn every 10 ms, as a run does. */
export function turns() {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 10) return;
    await new Promise((resolve) => setImmediate(resolve));
    last = performance.now();
  };
}
