import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendants, type Program, runBin } from '../helpers/program.js';
import { type CountingServer, countingServer } from './counting-server.js';
import { Job, type SessionOptions } from './job.js';
import { runIn } from './left.js';
import { settled } from './settled.js';

describe('faults: one writer', () => {
  let server: CountingServer;
  let job: Job;
  beforeEach(async () => {
    server = await countingServer();
    job = new Job(server, { flows: 50 });
  });

  /** Does something to the program when it has made some calls. */
  const whileItRuns = (act: (program: Program) => void | Promise<void>): SessionOptions => ({
    async meddle(program, caller) {
      await server.after(20, caller);
      await act(program);
    },
  });

  it('a second process is refused, with who has the run; the first one is none the worse for it', async () => {
    const { ended } = await job.sit(
      whileItRuns(async (program) => {
        program.kill('SIGSTOP');
        const options = { cwd: job.cwd, env: server.env('another') };
        const { code, stdout, stderr } = await runBin(['run', '--resume', 'last'], options);
        program.kill('SIGCONT');
        const { pid, host } = JSON.parse(readFileSync(lockOf(job), 'utf8'));
        assert.ok(descendants(program.mark).includes(pid));
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(
          stderr,
          new RegExp(`^error: \\S+ is in use: process ${pid} on ${host} has had it since`),
        );
      }),
    );
    assert.doesNotMatch(ended.stderr, /error/);
    assert.deepEqual((await settled(job)).lost, [0]);
    const others = (await server.calls()).filter(({ caller }) => caller === 'another');
    assert.deepEqual(others, []);
  });

  it('a run that was left locked is taken over, and that is said, also when the number is another process’s by now', async () => {
    await job.sit(whileItRuns((program) => program.kill('SIGKILL')));
    const holder = JSON.parse(readFileSync(lockOf(job), 'utf8'));
    const second = await job.sit(whileItRuns((program) => program.kill('SIGKILL')));
    assert.match(second.ended.stderr, takenFrom(holder.pid));
    writeFileSync(lockOf(job), JSON.stringify({ ...holder, pid: process.pid }));
    const third = await job.sit();
    assert.match(third.ended.stderr, takenFrom(process.pid));
    await settled(job);
  });
});

function lockOf({ cwd }: Job): string {
  return join(runIn(join(cwd, 'generated')), 'lock');
}

function takenFrom(pid: number): RegExp {
  return new RegExp(`^took over the lock of process ${pid}, which no longer runs$`, 'm');
}
