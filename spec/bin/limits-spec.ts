import assert from 'node:assert/strict';
import { folderWith } from '../helpers/folder.js';
import { limitedServer } from '../helpers/limited-server.js';
import { recordsIn, runBin } from '../helpers/program.js';

const NAMES = Array.from({ length: 12 }, (_, n) => `${n}.md`);
const files = { 'list.txt': NAMES.join('\n'), ...Object.fromEntries(NAMES.map((name) => [name, name])) };

function configOf(baseUrl: string, more: object = {}) {
  const steps = [{ type: 'openai', prompt: '{{{foo}}}', baseUrl }];
  return { 'config.json': JSON.stringify({ steps, ...more }) };
}

const args = ['run', 'config.json', '--key', 'foo:list.txt'];

describe('bin: limits of a provider', () => {
  it('end the run with 3 and the way to go on when a quota is used up; going on costs nothing twice', async () => {
    await using server = await limitedServer({ quota: 5 });
    const cwd = folderWith({ ...files, ...configOf(server.baseUrl) });
    const ended = await runBin([...args, '--parallel', '2'], { cwd });
    assert.equal(ended.code, 3);
    assert.equal(recordsIn(ended).filter(({ status }) => status === 'done').length, 5);
    assert.match(
      ended.stderr,
      /stopped: openai accepts no more calls: .*exceeded your quota; flows in flight finish/,
    );
    assert.match(ended.stderr, /\nresume with: .* --resume \S+\n$/);
    server.change({ quota: 100 });
    const resumed = await runBin(['run', '--resume', 'last'], { cwd });
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(recordsIn(resumed).length, 12);
    assert.equal(server.counts.answered, 12);
  });

  it('are kept to as --lane says, before what the config says', async () => {
    await using server = await limitedServer({ latency: 50 });
    const lanes = { openai: { concurrency: 1 }, cmd: { concurrency: 1 } };
    const cwd = folderWith({ ...files, ...configOf(server.baseUrl, { lanes }) });
    const lane = ['--lane', 'openai:concurrency=2', '--parallel', '9'];
    const ended = await runBin([...args, ...lane], { cwd });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(server.peak, 2);
    assert.match(ended.stderr, /warning: lane cmd: no step uses it/);
  });

  it('are named when they are wrong, wherever they stand', async () => {
    const cwd = folderWith({
      ...files,
      ...configOf('http://127.0.0.1:9/v1', { lanes: { openai: { rpm: 0 } } }),
    });
    const ended = await runBin([...args, '--lane', 'codx:rpm=1', '--max-wait', 'long'], { cwd });
    assert.equal(ended.code, 2);
    for (const part of [
      'lanes.openai.rpm: expected a whole number from 1 up, got 0',
      '--lane codx: unknown lane; did you mean "codex"?',
      '--max-wait: expected a number of seconds above 0, got "long"',
    ])
      assert.ok(ended.stderr.includes(part), ended.stderr);
  });
});
