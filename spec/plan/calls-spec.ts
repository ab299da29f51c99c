import assert from 'node:assert/strict';
import type { StepForecast } from '../../lib/plan/step-forecast.js';
import { planned, type ToPlan } from '../helpers/planned.js';

const files = { 'a.md': 'a', 'b.md': 'b', 'x/a.md': 'c', 'r.md': 'r' };
const lists = { doc: ['a.md', 'b.md', 'x/a.md'], rule: ['r.md', 'a.md', 'b.md', 'r.md'] };

async function steps(what: ToPlan): Promise<readonly StepForecast[]> {
  const { forecast } = await planned({ files, lists, ...what });
  return forecast.steps;
}

function ask(prompt: string, more: object = {}) {
  return { type: 'openai', prompt, ...more };
}

describe('calls', () => {
  it('are as many as flows', async () => {
    const [step] = await steps({ steps: [ask('{{{doc}}} {{{rule}}}')] });
    assert.deepEqual(step?.calls, { count: 12, bound: 'exact' });
  });

  it('are at least as many after an array', async () => {
    const found = await steps({
      steps: [ask('{{{doc}}} {{{rule}}}', { array: true }), ask('x'), ask('y')],
    });
    assert.deepEqual(
      found.map(({ calls }) => calls.bound),
      ['exact', 'at least', 'at least'],
    );
    assert.deepEqual(
      found.map(({ model }) => model?.costUsd.high === null),
      [false, true, true],
    );
  });

  const shared: [what: string, prompt: string, calls: number][] = [
    ['one key', '{{{doc}}}', 3],
    ['two keys, equal lines once', '{{{doc}}} {{{rule}}}', 9],
    ['names of files', '{{{doc.file}}}', 2],
    ['names and contents', '{{{doc.file}}} {{{doc}}}', 3],
    ['nothing', 'Hi', 1],
  ];
  for (const [what, prompt, calls] of shared) {
    it(`are ${calls} with --share where a prompt uses ${what}`, async () => {
      const [plain] = await steps({ steps: [ask(prompt), ask('{{{doc}}} {{{rule}}}')] });
      assert.deepEqual([plain?.calls.count, plain?.sharedCalls], [12, calls]);
      const [step] = await steps({ steps: [ask(prompt), ask('{{{doc}}} {{{rule}}}')], share: true });
      assert.deepEqual(step?.calls, { count: calls, bound: 'at most' });
    });
  }

  it('differ where what came before differs', async () => {
    const found = await steps({
      steps: [
        ask('{{{doc}}}', { name: 'draft' }),
        ask('Sum up'),
        ask('By {{{rule}}}', { previous: false }),
        ask('Then'),
        ask('{{{steps.draft}}}', { previous: false }),
      ],
    });
    assert.deepEqual(
      found.map(({ sharedCalls }) => sharedCalls),
      [3, 3, 3, 3, 3],
    );
  });

  const codex = { type: 'codex', prompt: '{{{doc}}}' };
  const unshared: [what: string, step: ToPlan['steps'][number], calls: number | null][] = [
    ['a step that refuses it', ask('{{{doc}}}', { share: false }), null],
    ['codex that reads', codex, 3],
    ['codex that writes', { ...codex, sandbox: 'workspace-write' }, null],
    ['codex in a worktree', { ...codex, worktree: true }, null],
    ['a command', { type: 'cmd', cmd: ['cat', '{{{doc.path}}}'] }, 3],
  ];
  for (const [what, step, calls] of unshared) {
    it(`of ${what} are ${calls === null ? 'not shared' : `${calls} when shared`}, with what builds on its output`, async () => {
      const found = await steps({ steps: [step, ask('Then {{{rule.file}}}')], share: true });
      assert.deepEqual([found[0]?.sharedCalls, found[1]?.sharedCalls], [calls, calls && 9]);
    });
  }

  it('are shared where only the step says so, unless it builds on what is not', async () => {
    const found = await steps({
      steps: [ask('{{{doc}}}', { share: true }), ask('b'), ask('c', { share: true })],
    });
    assert.deepEqual(
      found.map(({ calls }) => calls.count),
      [3, 12, 12],
    );
  });
});
