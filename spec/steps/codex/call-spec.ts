import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Artefacts } from '../../../lib/artefacts.js';
import { callCodex } from '../../../lib/steps/codex/call.js';
import type { CodexEvent } from '../../../lib/steps/codex/event.js';
import { makeFiles } from '../../../lib/steps/codex/files.js';
import { Turn } from '../../../lib/steps/codex/turn.js';
import { folderWith } from '../../helpers/folder.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const program = resolve(import.meta.dirname, '../../fixtures/many-events.ts');
const MiB = 2 ** 20;

/** Notes the memory that is in use after so many events. */
class Measured extends Turn {
  seen = 0;
  readonly kept = new Map<number, number>();

  override see(event: CodexEvent): void {
    super.see(event);
    this.seen++;
    if (this.seen !== 100_000 && this.seen !== 999_000) return;
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    this.kept.set(this.seen, heapUsed + external);
  }
}

/** What codex would do is done by another program, for this alone: it can be told how much, and how slowly. */
async function call(file: string, args: readonly string[], turn: Turn, idleTimeout: number) {
  const files = await makeFiles(new Artefacts(folderWith()), 'go', undefined);
  const { signal } = new AbortController();
  const command = { file, args, cwd: process.cwd(), env: process.env, stdin: '', signal };
  const job = { prompt: 'go', files, turn, signal, detail: undefined };
  const end = await callCodex(command, job, { idleTimeout, secrets: [] });
  assert.equal(end.exitCode, 0, end.stderr);
  return files;
}

describe('a long codex run', () => {
  it('takes no more memory with 1,000,000 events than with 100,000: they are on disk', async function () {
    this.timeout(120_000);
    const turn = new Measured();
    const files = await call(process.execPath, ['--import', 'tsx', program, '1000000'], turn, 60);
    assert.equal(turn.completed, true);
    assert.ok((await stat(files.events)).size > 100 * MiB);
    const [few = 0, many = 0] = turn.kept.values();
    assert.ok(many - few < 4 * MiB, `${few} bytes after 100,000 events, ${many} after 999,000`);
  });

  it('is not idle as long as an event comes now and then', () =>
    call('sh', ['-c', 'for i in 1 2 3 4 5 6; do echo {}; sleep 0.3; done'], new Turn(), 1.2));
});
