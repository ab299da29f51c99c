import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { bin, ranAhead, runBin } from '../helpers/program.js';

const project = resolve(import.meta.dirname, '../..');
const manifest: { version: string } = JSON.parse(readFileSync(resolve(project, 'package.json'), 'utf8'));

const options = [
  '--parallel',
  '-p',
  '--key',
  '-k',
  '--workdir',
  '--timeout',
  '--append-filepath',
  '--print',
  '--ordered',
  '--progress',
  '--generated',
  '--simulate',
];

describe('bin: help', () => {
  const cwd = folderWith();
  const rows: [args: string[], expected: RegExp[]][] = [
    [['--help'], [/orchestrator run .*<config>/]],
    [['-h'], [/orchestrator run .*<config>/]],
    [
      ['run', '--help'],
      [/Exit codes: 0 .*141.*70/s, ...options.map((option) => new RegExp(`[ ,]${option}[ ,]`))],
    ],
    [['run', 'lost.json', '--help'], [/<config>/]],
    [['help'], [/orchestrator run .*<config>/, /help <command>/]],
    [['help', 'run'], options.map((option) => new RegExp(`[ ,]${option}[ ,]`))],
    [['help', 'results'], [/<run>/]],
    [['-V'], [new RegExp(`^${manifest.version}\n$`)]],
    [['--version'], [new RegExp(`^${manifest.version}\n$`)]],
  ];
  const endOf = ranAhead(rows, ([args]) => runBin(args, { cwd }));
  for (const row of rows) {
    const [args, expected] = row;
    it(`${args.join(' ')} goes to stdout, and is no mistake`, () => {
      const { code, stdout, stderr } = endOf(row);
      assert.deepEqual([code, stderr], [0, '']);
      for (const pattern of expected) assert.match(stdout, pattern);
      assert.equal(stdout.includes('#0') || stdout.includes('\u001b'), false);
    });
  }
});

describe('the package', () => {
  it('holds the program and what belongs to it, and no specs', () => {
    const env = { ...process.env, npm_config_loglevel: 'silent' };
    const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: project,
      env,
    });
    const [packed]: { files: { path: string }[] }[] = JSON.parse(told.toString());
    const paths = packed?.files.map(({ path }) => path) ?? [];
    for (const path of [
      'bin/orchestrator.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/main.js',
      'dist/THIRD-PARTY-NOTICES.txt',
      'package.json',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'examples/review.yaml',
    ])
      assert.ok(paths.includes(path), `${path} is missing`);
    assert.deepEqual(
      paths.filter((path) => /^(spec|bench|lib|generated|node_modules|\.)/.test(path)),
      [],
    );
  });

  it('has the licences of what it bundles', () => {
    const notices = readFileSync(resolve(project, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['zod', 'lru-cache', 'limiter', 'yocto-queue', 'fastest-levenshtein'])
      assert.match(notices, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)\n\n`, 'm'));
    assert.match(notices, /Permission is hereby granted/);
  });

  it('has all of rxjs that it imports in #rxjs', async () => {
    const dist = resolve(project, 'dist');
    const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.js'))
      .map((path) => readFileSync(resolve(dist, path), 'utf8'));
    const imports = scripts.flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from "#rxjs"/g)]);
    const names = imports.flatMap(([, list = '']) => list.match(/(?<=^|,)\s*\w+/g) ?? []);
    const held = Object.keys(await import(resolve(dist, 'rxjs.cjs')));
    assert.ok(names.length > 0);
    assert.deepEqual(
      names.filter((name) => !held.includes(name.trim())),
      [],
    );
  });

  it('has a program that can be run', () => {
    accessSync(bin, constants.X_OK);
    assert.match(readFileSync(bin, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });
});
