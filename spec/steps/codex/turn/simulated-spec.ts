import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, StepFailure } from '../../../../lib/errors.js';
import type { SimulatedRequest, Simulation } from '../../../../lib/simulate/simulation.js';
import { Artefacts } from '../../../../lib/steps/artefacts.js';
import type { CodexConfig } from '../../../../lib/steps/codex/config.js';
import { codex } from '../../../../lib/steps/codex.js';
import type { StepEnvironment } from '../../../../lib/steps/contract.js';
import { contextWith, flowWith, setup } from '../../../helpers/setup.js';

const usage = { inputTokens: 3, cachedInputTokens: 1, outputTokens: 2, reasoningTokens: 1 };

function simulationOf(answer: Simulation['answer']): Simulation {
  return { baseUrl: 'http://127.0.0.1:1/v1', answer, close: async () => {} };
}

function stage(answer: Simulation['answer'], config: Partial<CodexConfig> = {}) {
  const generated = mkdtempSync(join(tmpdir(), 'codex-spec-'));
  const context = contextWith();
  const env = { PATH: '/nowhere' };
  const whole = setup({ env, artefacts: new Artefacts(generated), simulation: simulationOf(answer) });
  const folders = () => readdirSync(generated).filter((name) => name.startsWith('codex_exec_'));
  const file = (name: string) => readFileSync(join(generated, folders()[0] ?? '', name), 'utf8');
  const run = async () => {
    const step = await codex.create({ type: 'codex', prompt: 'Say', ...config }, whole);
    return step.run(flowWith('hi'), context);
  };
  return { run, context, file, folders, generated };
}

describe('codex, simulated', () => {
  it('is answered by the stand-in alone, without a binary', async () => {
    const asked: SimulatedRequest[] = [];
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const { run, context } = stage(
      async (request) => {
        asked.push(request);
        return { text: '{}', usage };
      },
      { schema },
    );
    assert.equal(await run(), '{}');
    assert.deepEqual(asked, [{ model: 'codex', instructions: null, input: 'Say\nhi', schema }]);
    assert.equal(context.facts.simulated, true);
    assert.deepEqual(context.facts.usage, usage);
  });

  it('leaves the same four files, events of the same shapes included', async () => {
    const { run, context, file, folders, generated } = stage(async () => ({
      text: '[simulated] ok\n',
      usage,
    }));
    await run();
    assert.equal(file('final_message.txt'), '[simulated] ok\n');
    assert.equal(file('prompt.txt'), 'Say\nhi');
    assert.match(file('stderr.log'), /^\[simulated\]/);
    const events = file('events.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ type }) => type),
      ['thread.started', 'turn.started', 'item.completed', 'turn.completed'],
    );
    assert.equal(events[2].item.text, '[simulated] ok\n');
    assert.equal(events[3].usage.reasoning_output_tokens, 1);
    assert.equal(context.facts.path, join(generated, folders()[0] ?? '', 'final_message.txt'));
  });

  it('passes a simulated failure on, labelled, with the folder and without a final message', async () => {
    const failure = new StepFailure('server', '[simulated] no', { status: 500, retryAfterMs: 1 });
    const { run, context, file, generated } = stage(() => Promise.reject(failure));
    const message = `[simulated] no; see ${join(generated, '')}`;
    await assert.rejects(run, (error: StepFailure) => {
      assert.deepEqual([error.kind, error.status, error.retryAfterMs], ['server', 500, 1]);
      assert.ok(error.message.startsWith(message));
      return true;
    });
    assert.match(file('events.jsonl'), /"turn\.failed","error":\{"message":"\[simulated\] no"/);
    assert.throws(() => file('final_message.txt'), /ENOENT/);
    assert.equal(context.facts.simulated, true);
  });

  it('makes a folder of its own for every attempt', async () => {
    const { run, folders } = stage(async () => ({ text: 'ok', usage }));
    await run();
    await run();
    assert.equal(folders().length, 2);
  });
});

describe('codex, before anything is started', () => {
  const refused: [string, Partial<CodexConfig>, Partial<StepEnvironment>, RegExp][] = [
    [
      'no binary',
      {},
      {},
      /^steps\[0\]: needs the Codex CLI: "codex".*npm install -g @openai\/codex.*--simulate/,
    ],
    ['a wrong CODEX_BIN', {}, { env: { CODEX_BIN: '/no/codex' } }, /CODEX_BIN names "\/no\/codex"/],
    ['a wrong bin', { bin: '/no/codex' }, {}, /^steps\[0\]\.bin: `bin` names "\/no\/codex"/],
    ['a missing workdir', { workdir: '/no/such' }, {}, /^steps\[0\]\.workdir: the folder \/no\/such/],
    [
      'a missing working folder',
      {},
      { workdir: '/no/such' },
      /^steps\[0\]: the folder \/no\/such.*--workdir/,
    ],
    [
      'a schema that is none',
      { schema: { type: 'nonsense' }, bin: '/bin/true' },
      {},
      /^steps\[0\]\.schema: invalid JSON Schema/,
    ],
  ];
  for (const [what, config, overrides, message] of refused) {
    it(`refuses ${what}`, () =>
      assert.rejects(
        codex.create(
          { type: 'codex', prompt: 'x', ...config },
          setup({ env: { PATH: '/nowhere' }, ...overrides }),
        ),
        (error) => error instanceof ConfigError && message.test(error.message),
      ));
  }

  const open = { type: 'object', properties: { a: {}, b: {} }, required: ['a'], additionalProperties: false };
  const strict: readonly [string, object, RegExp][] = [
    [
      'an open object',
      { type: 'object', properties: { a: { type: 'object' } } },
      /^steps\[0\]\.schema: .*additionalProperties: false/,
    ],
    [
      'an optional property',
      { type: 'array', items: open },
      /^steps\[0\]\.schema\.items: .*every property, and b is missing/,
    ],
    [
      'a keyword',
      { ...open, required: ['a', 'b'], allOf: [{}] },
      /^steps\[0\]\.schema: .*`allOf` isn't allowed/,
    ],
  ];
  for (const [what, schema, message] of strict) {
    it(`refuses a schema that OpenAI refuses, before codex is looked for and in rehearsals: ${what}`, async () => {
      const env = { PATH: '/nowhere', HOME: '/nowhere' };
      const config = { type: 'codex', prompt: 'x', schema: { ...schema } };
      const simulation = simulationOf(async () => ({ text: '', usage }));
      for (const more of [{}, { simulation }])
        await assert.rejects(
          codex.create(config, setup({ env, ...more })),
          (error) => error instanceof ConfigError && message.test(error.message),
        );
    });
  }

  it('leaves the schema to providers that have their own rules', async () => {
    const env = { PATH: '/nowhere', HOME: '/nowhere' };
    const config = { type: 'codex', prompt: 'x', schema: open, config: { model_provider: 'ollama' } };
    await assert.rejects(codex.create(config, setup({ env })), /needs the Codex CLI/);
  });

  it('takes a list from the object that is put around it for OpenAI', async () => {
    const asked: SimulatedRequest[] = [];
    const { run, file } = stage(
      async (request) => {
        asked.push(request);
        return { text: '```json\n{"answer": ["a"]}\n```', usage };
      },
      { schema: { type: 'array', items: { type: 'string' } }, array: true },
    );
    assert.equal(await run(), '["a"]');
    assert.equal(file('final_message.txt'), '```json\n{"answer": ["a"]}\n```');
    assert.deepEqual(asked[0]?.schema, JSON.parse(file('schema.json')));
  });

  it('wants an array where it makes branches', () => {
    assert.deepEqual(mistakes({ prompt: 'a', array: true, schema: open }), ['schema']);
    assert.deepEqual(mistakes({ prompt: 'a', array: true, schema: { type: 'array' } }), []);
  });

  const mistakes = (config: Partial<CodexConfig>) =>
    codex.mistakes?.({ type: 'codex', ...config })?.map(({ field }) => field);

  it('wants exactly one of prompt and promptFile', () => {
    assert.deepEqual(mistakes({}), ['prompt']);
    assert.deepEqual(mistakes({ prompt: 'a', promptFile: '/b' }), ['promptFile']);
    assert.deepEqual(mistakes({ prompt: 'a' }), []);
    assert.deepEqual(mistakes({ promptFile: '/b' }), []);
  });

  it('wants a prompt that says something', () => {
    assert.deepEqual(mistakes({ prompt: '' }), ['prompt']);
    assert.deepEqual(mistakes({ prompt: ' \n' }), ['prompt']);
  });

  const fields: [object, boolean][] = [
    [{ prompt: 'x', sandbox: 'read-only', config: { a: [1, 'b'], 'c.d': true }, env: ['A'] }, true],
    [{ prompt: 'x', env: { A: 'b' } }, true],
    [{ prompt: 'x', sandbox: 'full' }, false],
    [{ prompt: 'x', env: ['A=b'] }, false],
    [{ prompt: 'x', config: { a: { b: 1 } } }, false],
  ];
  for (const [value, valid] of fields) {
    it(`${valid ? 'takes' : 'refuses'} ${JSON.stringify(value)}`, () =>
      assert.equal(codex.fields.safeParse(value).success, valid));
  }
});
