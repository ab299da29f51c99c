import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Artefacts } from '../../lib/steps/artefacts.js';
import { requireCodex } from '../helpers/codex.js';
import { failureOf, type Stage, withTurns } from '../helpers/codex-stage.js';
import { command, message, type Turn } from '../helpers/responses-server.js';

describe('codex, the real binary against a loopback server', () => {
  let bin: string;

  before(function () {
    bin = requireCodex(this);
  });

  const answered = (test: (stage: Stage) => Promise<void>, ...turns: readonly Turn[]) =>
    withTurns(bin, turns.length > 0 ? turns : [{ items: [message('ok')] }], test);

  it('returns the final message exactly, and leaves the four private files', () =>
    answered(
      async ({ run, folder, context, events }) => {
        assert.equal(await run({ prompt: 'Sag {{{hallo}}}' }), '  Grüße $& \n\n');
        const names = ['events.jsonl', 'final_message.txt', 'prompt.txt', 'stderr.log'];
        assert.deepEqual(readdirSync(folder()).sort(), names);
        for (const name of names) assert.equal(statSync(join(folder(), name)).mode & 0o777, 0o600, name);
        assert.equal(statSync(folder()).mode & 0o777, 0o700);
        assert.equal(readFileSync(join(folder(), 'final_message.txt'), 'utf8'), '  Grüße $& \n\n');
        assert.equal(readFileSync(join(folder(), 'prompt.txt'), 'utf8'), 'Sag {{{hallo}}}');
        const types = events().map(({ type }) => type);
        assert.deepEqual(types, ['thread.started', 'turn.started', 'item.completed', 'turn.completed']);
        assert.equal(context.facts.path, join(folder(), 'final_message.txt'));
      },
      { items: [message('  Grüße $& \n\n')] },
    ));

  it('leaves in the record what its events told', () =>
    answered(async ({ record, folder, events }) => {
      const { status, output, path, steps, usage } = await record();
      assert.deepEqual([status, output, path], ['done', 'ok', join(folder(), 'final_message.txt')]);
      assert.deepEqual([usage.inputTokens, usage.cachedInputTokens, usage.outputTokens], [100, 40, 20]);
      const [{ threadId, commands, filesChanged, ...step } = assert.fail('no step')] = steps;
      assert.equal(threadId, events()[0]?.thread_id);
      assert.deepEqual([commands, filesChanged], [0, 0]);
      assert.equal(step.folder, folder());
    }));

  it('tells the model where the step names one', () =>
    answered(async ({ run, context, server }) => {
      await run({ model: 'gpt-5.4' });
      assert.equal(JSON.parse(server.received[0]?.body ?? '').model, 'gpt-5.4');
      assert.equal(context.facts.model, 'gpt-5.4');
    }));

  it('tells paths as the folder for artefacts was given', () =>
    answered(async ({ run, context, place, folder }) => {
      await run({}, { artefacts: new Artefacts(relative(process.cwd(), place.generated)) });
      assert.equal(context.facts.folder, relative(process.cwd(), folder()));
      assert.equal(context.facts.path, relative(process.cwd(), join(folder(), 'final_message.txt')));
      assert.ok(existsSync(join(folder(), 'final_message.txt')));
    }));

  it('reports the events of codex as they happen, to a listener', () =>
    answered(
      async ({ record }) => {
        const lines: string[] = [];
        const options = { onDetail: ({ line }: { line: string }) => void lines.push(line) };
        await record({}, options);
        assert.deepEqual(lines, ['$ exit 3', 'exit code 3: exit 3', 'done']);
      },
      { items: [command('exit 3')] },
      { items: [message('done\nall of it')] },
    ));

  it('works in the workdir of the step', () =>
    answered(async ({ run, place, server }) => {
      await run({ workdir: place.root });
      assert.ok(server.received[0]?.body.includes(`<cwd>${place.root}</cwd>`));
    }));

  it('hands a schema on, and takes a final message that fits', () =>
    answered(
      async ({ run, server }) => {
        const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
        assert.equal(await run({ schema }), '{"n":1}');
        const { text } = JSON.parse(server.received[0]?.body ?? '');
        assert.deepEqual(text.format.schema, schema);
      },
      { items: [message('{"n":1}')] },
    ));

  for (const config of [{ model_reasoning_effort: 'high' }, ['model_reasoning_effort=high']]) {
    it(`hands further settings on, from ${JSON.stringify(config)}`, () =>
      answered(async ({ run, server }) => {
        await run({ config });
        assert.equal(JSON.parse(server.received[0]?.body ?? '').reasoning.effort, 'high');
      }));
  }

  it('leaves a session in the home of codex, but not where it is ephemeral', () =>
    answered(async ({ run, place }) => {
      const sessions = join(place.root, 'home/sessions');
      await run({ ephemeral: true });
      assert.ok(!existsSync(sessions));
      await run();
      assert.ok(existsSync(sessions));
    }));

  it('takes a prompt of 1,048,576 characters', () =>
    answered(async ({ run, server }) => {
      assert.equal(await run({ prompt: 'ü'.repeat(1_048_576) }), 'ok');
      assert.ok((server.received[0]?.body.length ?? 0) > 1_048_576);
    }));

  for (const [what, prompt] of [
    ['an empty prompt', ' \n'],
    ['a prompt of one character more', 'ü'.repeat(1_048_577)],
  ] as const) {
    it(`fails ${what} as input, without starting codex`, () =>
      answered(async ({ run, place, server }) => {
        const render = Object.assign(() => prompt, { words: [], names: [], inserts: () => [] });
        assert.equal((await failureOf(run({}, { prompt: () => render }))).kind, 'input');
        assert.deepEqual(readdirSync(place.generated), []);
        assert.equal(server.received.length, 0);
      }));
  }
});
