import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../../lib/errors.js';
import { Artefacts } from '../../../../lib/steps/artefacts.js';
import type { CodexConfig } from '../../../../lib/steps/codex/config.js';
import { workplaceFor } from '../../../../lib/steps/codex/worktrees/workplace.js';
import type { StepEnvironment } from '../../../../lib/steps/contract.js';
import { folderWith } from '../../../helpers/folder.js';
import { setup } from '../../../helpers/setup.js';

const workdir = folderWith();
mkdirSync(join(workdir, 'sub'));
symlinkSync('sub', join(workdir, 'link'));
const elsewhere = folderWith();
const nothing = { dirty: false, sharedWorkdir: false, danger: false };

interface Row extends Partial<CodexConfig> {
  readonly folder?: string;
}

/** The issue that the last of these steps of one run has, as `where: message`; null where it has none. */
async function refusalOf(
  steps: readonly Row[],
  overrides: Partial<StepEnvironment> = {},
): Promise<string | null> {
  const artefacts = new Artefacts(workdir);
  let refusal: string | null = null;
  for (const [index, { folder = workdir, ...config }] of steps.entries()) {
    const whole = setup({ where: `steps[${index}]`, artefacts, flows: 8, parallel: 4, ...overrides });
    refusal = await workplaceFor({ type: 'codex', ...config }, folder, whole).then(
      () => null,
      (error) => (error instanceof ConfigError ? error.message : assert.fail(error)),
    );
  }
  return refusal;
}

describe('codex: what is refused before anything starts', () => {
  const write = { sandbox: 'workspace-write' } as const;
  const danger = { sandbox: 'danger-full-access' } as const;
  const inTurn = { ...write, parallel: 1 };

  it('is danger-full-access, unless the command line allows it, too', async () => {
    const refusal = (await refusalOf([{ ...danger, parallel: 1 }])) ?? '';
    assert.match(refusal, /^steps\[0\]\.sandbox: "danger-full-access" .*--allow-danger/);
    assert.equal(
      await refusalOf([{ ...danger, parallel: 1 }], { allow: { ...nothing, danger: true } }),
      null,
    );
  });

  it('is writing in one folder by several flows at once, and the ways out are told', async () => {
    const refusal = (await refusalOf([write])) ?? '';
    assert.ok(
      refusal.startsWith(`steps[0]: several flows at once would write (workspace-write) in`),
      refusal,
    );
    for (const way of [workdir, '`worktree: true`', '`parallel: 1` on this step', '--allow-shared-workdir'])
      assert.ok(refusal.includes(way), way);
  });

  const refused: [string, Row[], Partial<StepEnvironment>][] = [
    ['an unknown number of flows', [write], { flows: null }],
    ['one flow that may have branches', [write], { flows: 1, branches: true }],
    ['steps that may be in two flows of the run at once', [{ ...write, parallel: 2 }], {}],
    ['danger-full-access', [danger], { allow: { ...nothing, danger: true } }],
    ['two steps in one folder, each one flow at a time', [inTurn, inTurn], {}],
    ['two steps in a folder and one within', [inTurn, { ...inTurn, folder: join(workdir, 'sub') }], {}],
    [
      'two steps in a folder under two names',
      [
        { ...inTurn, folder: join(workdir, 'link') },
        { ...inTurn, folder: join(workdir, 'sub') },
      ],
      {},
    ],
  ];
  for (const [what, steps, overrides] of refused) {
    it(`is ${what}`, async () => assert.notEqual(await refusalOf(steps, overrides), null));
  }

  it('names both of two steps, and what helps there', async () => {
    const refusal = (await refusalOf([inTurn, { sandbox: 'read-only' }, inTurn])) ?? '';
    assert.match(refusal, /^steps\[2\]: .* in steps\[0\]; .*`worktree: true` on both steps.*--parallel 1/);
  });

  const accepted: [string, Row[], Partial<StepEnvironment>][] = [
    ['reading', [{}, { sandbox: 'read-only' }], {}],
    ['one flow at a time in the step', [inTurn], {}],
    ['one flow at a time in the run', [write, write], { parallel: 1 }],
    ['one flow', [write, write], { flows: 1 }],
    ['two steps in two folders', [inTurn, { ...inTurn, folder: elsewhere }], {}],
    ['what the user allows', [write, write], { allow: { ...nothing, sharedWorkdir: true } }],
  ];
  for (const [what, steps, overrides] of accepted) {
    it(`isn't ${what}`, async () => assert.equal(await refusalOf(steps, overrides), null));
  }

  it('is nothing in a rehearsal, which writes nowhere', async () => {
    const simulation = { baseUrl: '', answer: () => assert.fail(), close: async () => {} };
    for (const config of [write, danger, { worktree: true } as const])
      assert.equal(await refusalOf([config], { simulation }), null);
  });
});
