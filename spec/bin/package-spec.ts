import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { bin, ranAhead, runBin } from '../helpers/program.js';

const project = resolve(import.meta.dirname, '../..');
const manifest: { version: string; bin: { orchestrator: string } } = JSON.parse(
  readFileSync(resolve(project, 'package.json'), 'utf8'),
);

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
    it(`${args.join(' ')} goes to stdout, with exit code 0`, () => {
      const { code, stdout, stderr } = endOf(row);
      assert.deepEqual([code, stderr], [0, '']);
      for (const pattern of expected) assert.match(stdout, pattern);
      assert.equal(stdout.includes('#0') || stdout.includes('\u001b'), false);
    });
  }
});

/** Unpacks what npm would publish into a project that has nothing but it and what it depends on; the project's folder. */
function installed(): string {
  const folder = folderWith({ 'package.json': '{ "type": "module" }', 'node_modules/@flowline/keep': '' });
  const modules = join(folder, 'node_modules');
  for (const name of readdirSync(join(project, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(project, 'node_modules', name), join(modules, name));
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const tarball = execFileSync('npm', pack, { cwd: project, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', join(modules, '@flowline')]);
  renameSync(join(modules, '@flowline/package'), join(modules, '@flowline/orchestrator'));
  return folder;
}

/** Files that a script imports, and those that they do, now or later; absolute. */
function importedBy(script: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(script)) return found;
  found.add(script);
  const imports = readFileSync(script, 'utf8').matchAll(/(?:from|import) ?\(?"(\.[^"]+\.js)"/g);
  for (const [, path = ''] of imports) importedBy(resolve(dirname(script), path), found);
  return found;
}

describe('the package', () => {
  it('has each module once: what its entry points load, and types', () => {
    const root = join(installed(), 'node_modules/@flowline/orchestrator');
    const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' });
    const scripts = files.filter((path) => path.endsWith('.js')).map((path) => join(root, 'dist', path));
    const entries = ['dist/index.js', 'dist/cli/main.js'].map((path) => join(root, path));
    const loaded = new Set(entries.flatMap((entry) => [...importedBy(entry)]));
    assert.deepEqual(scripts.sort(), [...loaded].sort());
    const isFile = (path: string) => statSync(join(root, 'dist', path)).isFile();
    const others = files.filter((path) => isFile(path) && !/\.(js|d\.ts)$/.test(path));
    assert.deepEqual(others.sort(), ['THIRD-PARTY-NOTICES.txt', 'rxjs.cjs']);
  });

  it('works where it is installed: the program, the library and its types', () => {
    const cwd = installed();
    const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });
    writeFileSync(join(cwd, 'config.json'), '[{ "type": "cmd", "cmd": ["echo", "hello"] }]');
    const program = join('node_modules/@flowline/orchestrator', manifest.bin.orchestrator);
    assert.equal(JSON.parse(run(program, 'run', 'config.json', '--progress', 'none')).output, 'hello');

    const source = (isTyped: boolean) => `
      import { type ResultRecord, type Step, run, step } from '@flowline/orchestrator';
      const shout${isTyped ? ': Step' : ''} = step('shout', async ({ output }) => \`\${output}!\`);
      const { results$ } = run({ steps: [{ type: 'cmd', cmd: ['echo', 'hello'] }, shout] });
      results$.subscribe((record${isTyped ? ': ResultRecord' : ''}) => console.log(record.output));`;
    writeFileSync(join(cwd, 'app.ts'), source(true));
    writeFileSync(
      join(cwd, 'wrong.ts'),
      `import { run } from '@flowline/orchestrator';\nrun({ step: [] });\n`,
    );
    writeFileSync(join(cwd, 'app.js'), source(false).replaceAll(/type \w+, /g, ''));
    const tsc = join(project, 'node_modules/typescript/bin/tsc');
    const check = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    assert.equal(run(tsc, ...check, '--skipLibCheck', 'app.ts'), '');
    const isRefused = (error: unknown) =>
      error instanceof Error && 'stdout' in error && /^wrong\.ts.*'step'/.test(String(error.stdout));
    assert.throws(() => run(tsc, ...check, '--skipLibCheck', 'wrong.ts'), isRefused);
    assert.equal(run('app.js'), 'hello!\n');
  });

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
