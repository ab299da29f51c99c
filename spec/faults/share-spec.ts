import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ResultRecord } from '../../lib/index.js';
import { folderWith } from '../helpers/folder.js';
import { type Program, startLine } from '../helpers/program.js';
import { type CountingServer, countingServer } from './counting-server.js';
import { FULL } from './scale.js';

/** So many distinct first steps, and so many flows for each. */
const [DOCS, RULES] = FULL ? [100, 1000] : [20, 100];
const FLOWS = DOCS * RULES;
const PARALLEL = 200;
/** How many first steps the flows in flight have between them, and those that have just ended. */
const IN_FLIGHT = 2 * (1 + PARALLEL / RULES);

const WORK = `
  import { step } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist/index.js')))};
  export default step('work', async ({ output, inputs }) => \`\${output} by \${inputs.rule.path}\`);`;

describe('faults: --share', () => {
  let server: CountingServer;
  let cwd: string;
  beforeEach(async () => {
    server = await countingServer();
    const [docs, rules] = [paths('docs', DOCS), paths('rules', RULES)];
    const steps = [
      { type: 'openai', name: 'draft', model: 'm', prompt: '{{{doc}}}' },
      { type: 'module', name: 'work', module: './work.mjs' },
    ];
    cwd = folderWith({
      'config.json': JSON.stringify({ keys: { doc: 'docs.txt', rule: 'rules.txt' }, steps }),
      'work.mjs': WORK,
      'docs.txt': docs.join('\n'),
      'rules.txt': rules.join('\n'),
      ...Object.fromEntries([...docs, ...rules].map((path) => [path, path])),
    });
  });

  const started = (words: string, caller: string): Program => {
    const line = `exec $orchestrator run ${words} > out.ndjson`;
    return startLine(line, { cwd, env: server.env(`${cwd}-${caller}`) });
  };
  const callsOf = async (caller: string): Promise<number> =>
    (await server.calls()).filter((call) => call.caller === `${cwd}-${caller}`).length;

  it(`${FLOWS} flows with ${DOCS} first steps make ${DOCS} calls, and a resume makes none`, async function () {
    this.timeout(300_000);
    assert.equal((await started(`config.json --share -p ${PARALLEL}`, 'first').ended).code, 0);
    assert.equal(await callsOf('first'), DOCS);
    assert.deepEqual(await tallyOf(cwd), { flows: FLOWS, made: DOCS, shared: FLOWS - DOCS, replayed: 0 });
    assert.equal((await started('--resume last', 'second').ended).code, 0);
    assert.equal(await callsOf('second'), 0);
    assert.equal((await tallyOf(cwd)).replayed, FLOWS);
  });

  it('a resume after kill -9 makes those calls that were not finished', async function () {
    this.timeout(300_000);
    const first = started(`config.json --share -p ${PARALLEL}`, 'first');
    await server.after(DOCS / 2, `${cwd}-first`);
    first.kill('SIGKILL');
    await first.ended;
    assert.equal((await started('--resume last', 'second').ended).code, 0);
    const { flows } = await tallyOf(cwd);
    assert.equal(flows, FLOWS);
    const calls = (await callsOf('first')) + (await callsOf('second'));
    assert.ok(calls <= DOCS + IN_FLIGHT, `${calls} calls`);
  });
});

interface Tally {
  readonly flows: number;
  /** First steps that were called, */
  readonly made: number;
  /** that another flow has called, */
  readonly shared: number;
  /** and that an earlier session has called. */
  readonly replayed: number;
}

/** Of the records in a folder; each has to be right. */
async function tallyOf(cwd: string): Promise<Tally> {
  const indexes = new Set<number>();
  const tally = { made: 0, shared: 0, replayed: 0 };
  for await (const line of createInterface(createReadStream(join(cwd, 'out.ndjson')))) {
    const { index, output, inputs, steps }: ResultRecord = JSON.parse(line);
    assert.equal(output, `m(${inputs.doc?.path}) by ${inputs.rule?.path}`);
    indexes.add(index);
    tally[steps[0]?.replayed ? 'replayed' : steps[0]?.shared ? 'shared' : 'made']++;
  }
  assert.equal(tally.made + tally.shared + tally.replayed, indexes.size);
  return { flows: indexes.size, ...tally };
}

function paths(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${name}/${n}.txt`);
}
