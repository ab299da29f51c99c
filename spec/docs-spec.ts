import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Cli } from 'clipanion';
import { lastValueFrom } from 'rxjs';
import { parse } from 'yaml';
import { PlanCommand } from '../lib/cli/commands/plan-command.js';
import { RunCommand } from '../lib/cli/commands/run-command.js';
import { ExitCode } from '../lib/cli/exit-codes.js';
import { commonFields } from '../lib/config/fields.js';
import { FAILURES } from '../lib/errors.js';
import { run, step } from '../lib/index.js';
import { stepTypes } from '../lib/steps/index.js';
import { DEFAULT_MODEL } from '../lib/steps/openai/config.js';
import { configSchema } from './helpers/config-schema.js';

const README = readFileSync('README.md', 'utf8');
const SCHEMA = 'docs/config.schema.json';

/** What stands between a heading and the next one of its rank or above. */
function section(title: string): string {
  const [, marks = ''] = README.match(new RegExp(`^(#+) ${title}$`, 'm')) ?? [];
  assert.ok(marks, `README.md has a section ${title}`);
  const heading = `${marks} ${title}\n`;
  const after = README.slice(README.indexOf(heading) + heading.length);
  const end = after.search(new RegExp(`^#{1,${marks.length}} `, 'm'));
  return end < 0 ? after : after.slice(0, end);
}

/** The texts in code style of the first column of a section's tables. */
function firstColumn(text: string): string[] {
  const cells = [...text.matchAll(/^\| ((?:[^|\\]|\\.)*)\|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** `-p, --parallel N` is `--parallel`. */
function optionsIn(text: string): string[] {
  return firstColumn(text).flatMap((name) => name.match(/--[\w-]+/g) ?? []);
}

function optionsOf(command: Parameters<typeof Cli.from>[0]): string[] {
  const options = Cli.from(command)
    .definitions()
    .flatMap((definition) => definition.options);
  return options.flatMap(({ definition }) => definition.match(/--[\w-]+/g)?.slice(0, 1) ?? []);
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe('README.md', () => {
  it('has every option of run and plan, and no other', () => {
    const documented = optionsIn(section('Running')).map((name) => name.replace('--no-journal', '--journal'));
    const ofPlan = ['--pilot', '--json'];
    assert.deepEqual(
      sorted(documented),
      sorted(
        optionsOf(RunCommand)
          .concat(optionsOf(PlanCommand))
          .filter((name) => !ofPlan.includes(name)),
      ),
    );
    for (const option of ofPlan) assert.ok(README.includes(option), option);
  });

  it('names the default model, wherever it shows it', () => {
    assert.ok(section('Steps').includes(`\`model\` (default \`${DEFAULT_MODEL}\`)`));
    assert.ok(section('What it costs').includes(`price of ${DEFAULT_MODEL}: `));
    assert.ok(README.includes(`[simulated ${DEFAULT_MODEL} `));
  });

  it('has every exit code', () => {
    const codes = [...section('Running').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    assert.deepEqual(
      codes,
      Object.values(ExitCode).sort((a, b) => a - b),
    );
  });

  it('has every kind of failure', () => {
    const [, list = ''] = section('Records').match(/`kind` is one of ([^.]*)\./) ?? [];
    assert.deepEqual(
      [...list.matchAll(/`(\w+)`/g)].map(([, kind]) => kind),
      Object.keys(FAILURES),
    );
  });

  it('says of every kind of failure what is done about it, and of those that are tried again that `retries` counts', () => {
    const rows = section('Limits of providers').match(/^\| .*$/gm) ?? [];
    for (const [kind, { retry }] of Object.entries(FAILURES)) {
      const about = rows.filter((row) => firstColumn(row).includes(kind));
      assert.notEqual(about.length, 0, kind);
      if (retry)
        assert.ok(
          about.some((row) => row.includes('`retries`')),
          kind,
        );
    }
  });

  it('has every key of a record, and of its steps', async () => {
    const record = await lastValueFrom(run({ steps: [step('a', () => 'b')] }).results$);
    const text = section('Records');
    const documented = firstColumn(text).map((name) => name.replace('?', ''));
    for (const key of Object.keys(record)) assert.ok(documented.includes(key), key);
    for (const key of Object.keys(record.steps[0] ?? {})) assert.ok(text.includes(`\`${key}\``), key);
  });

  it('has every field of a step', () => {
    const text = section('Steps');
    assert.deepEqual(sorted(firstColumn(text)), sorted(Object.keys(commonFields.shape)));
    for (const { type, fields } of stepTypes)
      for (const field of Object.keys(fields.shape))
        assert.ok(text.includes(`\`${field}`), `${type}: ${field}`);
  });
});

describe('CONTRIBUTING.md', () => {
  it('names files and folders that are there', () => {
    const paths = ['bin', 'lib', 'spec', 'bench']
      .flatMap((top) =>
        readdirSync(top, { recursive: true, encoding: 'utf8' }).map((path) => join(top, path)),
      )
      .concat(readdirSync('.'))
      .map((path) => `/${path}`);
    const named = readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/`([\w./-]+(?:\/|\.[jt]s(?:on)?))`/g);
    const missing = [...named].filter(
      ([, name = '']) => !paths.some((path) => path.endsWith(`/${name.replace(/\/$/, '')}`)),
    );
    assert.deepEqual(
      missing.map(([, name]) => name),
      [],
    );
  });
});

describe('documents', () => {
  for (const file of ['README.md', 'CONTRIBUTING.md', 'bench/README.md', ...docs()]) {
    it(`${file} links to what is there`, () => {
      const text = readFileSync(file, 'utf8');
      for (const [, target = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
        const path = target === '' ? file : join(dirname(file), target);
        assert.ok(existsSync(path), `${target}: no such file`);
        if (anchor) assert.ok(anchorsOf(path).includes(anchor), `${target}#${anchor}: no such heading`);
      }
    });
  }
});

function docs(): string[] {
  return readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : []));
}

/** As GitHub makes them. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe(SCHEMA, () => {
  // RENEW=1 npx mocha spec/docs-spec.ts writes it.
  if (process.env.RENEW) writeFileSync(SCHEMA, `${JSON.stringify(configSchema(), null, 2)}\n`);
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8'));

  it('is what configs are checked by', () => {
    assert.deepEqual(schema, JSON.parse(JSON.stringify(configSchema())));
  });

  it('takes the examples, and refuses what has a field too many', () => {
    const fits = new Ajv2020({ strict: false }).compile(schema);
    for (const file of ['review.yaml', 'patch.yaml', 'functions.yaml', 'limerick.json']) {
      const config = parse(readFileSync(`examples/${file}`, 'utf8'));
      assert.ok(fits(config), file);
    }
    assert.equal(fits([{ type: 'openai', prmpt: 'Hello' }]), false);
    assert.equal(fits({ steps: [{ type: 'cmd', cmd: 'ls' }], key: {} }), false);
  });
});
