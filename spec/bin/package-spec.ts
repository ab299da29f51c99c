import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderWith } from '../helpers/folder.js';
import { bin, ranAhead, runBin } from '../helpers/program.js';

const project = resolve(import.meta.dirname, '../..');
const manifest: { version: string; bin: { orchestrator: string }; dependencies: Record<string, string> } =
  JSON.parse(readFileSync(resolve(project, 'package.json'), 'utf8'));
const dependencies = Object.keys(manifest.dependencies);

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

/** Unpacks what npm would publish into a project that has nothing but it, what it depends on, and node's types; the project's folder. */
function installed(): string {
  const folder = folderWith({ 'package.json': '{ "type": "module" }', 'node_modules/@flowline/keep': '' });
  const modules = join(folder, 'node_modules');
  for (const name of [...dependencies, '@types']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(project, 'node_modules', name), join(modules, name));
  }
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const tarball = execFileSync('npm', pack, { cwd: project, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', join(modules, '@flowline')]);
  renameSync(join(modules, '@flowline/package'), join(modules, '@flowline/orchestrator'));
  return folder;
}

/** What npm would publish. */
function packed(): { readonly size: number; readonly files: readonly { readonly path: string }[] } {
  const env = { ...process.env, npm_config_loglevel: 'silent' };
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [told] = JSON.parse(execFileSync('npm', args, { cwd: project, env, encoding: 'utf8' }));
  return told;
}

/** Files that a script imports, and those that they do, now or later; absolute. */
function importedBy(script: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(script)) return found;
  found.add(script);
  const imports = readFileSync(script, 'utf8').matchAll(/(?:from|import) ?\(?"(\.[^"]+\.js)"/g);
  for (const [, path = ''] of imports) importedBy(resolve(dirname(script), path), found);
  return found;
}

/** Paths of the modules that became a part of a script: the build puts the path of each in comments before its parts. */
function bundledIn(script: string): string[] {
  const comments = readFileSync(script, 'utf8').matchAll(/^\/\/ ((?:lib|node_modules)\/.+)$/gm);
  return [...new Set(Array.from(comments, ([, path = '']) => path))];
}

function scriptsIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((path) => path.endsWith('.js')).map((path) => join(folder, path));
}

/** URLs of the ES modules that are loaded when a package is imported in a folder. */
function loadedBy(name: string, cwd: string): string[] {
  const hook = `
    import { writeSync } from 'node:fs';
    export function load(url, context, next) {
      writeSync(1, url + '\\n');
      return next(url, context);
    }`;
  const register = `
    import { register } from 'node:module';
    register(${JSON.stringify(dataUrl(hook))});`;
  const args = ['--import', dataUrl(register), '--input-type=module', '--eval', `import '${name}';`];
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }).trim().split('\n');
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

describe('the package', () => {
  it('has the scripts that its entry points load, and types', () => {
    const dist = join(installed(), 'node_modules/@flowline/orchestrator/dist');
    const entries = ['index.js', 'cli/main.js'].map((path) => join(dist, path));
    const loaded = new Set(entries.flatMap((entry) => [...importedBy(entry)]));
    assert.deepEqual(scriptsIn(dist).sort(), [...loaded].sort());
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
    const others = files.filter((path) => statSync(join(dist, path)).isFile() && !/\.(js|d\.ts)$/.test(path));
    assert.deepEqual(others, ['THIRD-PARTY-NOTICES.txt']);
  });

  it('has each module once', () => {
    const modules = scriptsIn(join(project, 'dist')).flatMap(bundledIn);
    assert.ok(modules.includes('lib/run.ts'));
    assert.deepEqual(
      modules.filter((path, index) => modules.indexOf(path) !== index),
      [],
    );
  });

  it('loads nothing of the command line where the library is imported', () => {
    const urls = loadedBy('@flowline/orchestrator', installed());
    const scripts = urls
      .filter((url) => url.includes('/orchestrator/dist/'))
      .map((url) => fileURLToPath(url));
    const modules = scripts.flatMap(bundledIn);
    assert.ok(modules.includes('lib/run.ts'));
    assert.deepEqual(
      modules.filter((path) => path.startsWith('lib/cli/')),
      [],
    );
    const ofTerminal = /node_modules\/(chalk|clipanion|cli-truncate|log-update|string-width|typanion)\//;
    assert.deepEqual(
      urls.filter((url) => ofTerminal.test(url)),
      [],
    );
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
    assert.equal(run(tsc, ...check, 'app.ts'), '');
    const isRefused = (error: unknown) =>
      error instanceof Error && 'stdout' in error && /^wrong\.ts.*'step'/.test(String(error.stdout));
    assert.throws(() => run(tsc, ...check, 'wrong.ts'), isRefused);
    assert.equal(run('app.js'), 'hello!\n');
  });

  it('composes with operators of another copy of rxjs', () => {
    const cwd = installed();
    cpSync(join(project, 'node_modules/rxjs'), join(cwd, 'node_modules/other-rxjs'), { recursive: true });
    const app = `
      import { operator, run, step } from '@flowline/orchestrator';
      import { from, lastValueFrom, map, mergeMap, Observable, of, toArray } from 'other-rxjs';
      const twice = mergeMap((flow) => of('a', 'b').pipe(map((output) => ({ ...flow, output }))));
      const { results$ } = run({ steps: [step('one', () => 'x'), operator('twice', twice)] });
      const outputs = from(results$).pipe(map(({ output }) => output), toArray());
      console.log(results$ instanceof Observable, ...(await lastValueFrom(outputs)));`;
    writeFileSync(join(cwd, 'app.js'), app);
    assert.equal(execFileSync(process.execPath, ['app.js'], { cwd, encoding: 'utf8' }), 'false a b\n');
  });

  it('holds the program and what belongs to it, and no specs', () => {
    const { files, size } = packed();
    const paths = files.map(({ path }) => path);
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
    assert.ok(size < 1e6, `${size} bytes`);
    assert.ok(paths.length < 120, `${paths.length} files`);
  });

  it('has the licences of what it bundles, and of nothing else', () => {
    const modules = scriptsIn(join(project, 'dist')).flatMap(bundledIn);
    const names = modules.flatMap((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
    const notices = readFileSync(join(project, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    const titles = notices.matchAll(/^(\S+) \d+\.\d+\.\d+ \(.+\)\n\n/gm);
    assert.ok(names.includes('zod'));
    assert.deepEqual(
      Array.from(titles, ([, name]) => name),
      [...new Set(names)].sort(),
    );
    assert.match(notices, /Permission is hereby granted/);
  });

  it('has a program that can be run', () => {
    accessSync(bin, constants.X_OK);
    assert.match(readFileSync(bin, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });
});
