import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The rooms of lib/ from the top down, and its loose files: each imports from those after it only, types included. */
const FLOORS = [
  ...['build', 'cli', 'index', 'run'],
  ...[
    'plan',
    'preview',
    'engine',
    'prepare',
    'visit',
    'run-options',
    'context',
    'cache',
    'config',
    'progress',
  ],
  ...['cost', 'lanes', 'steps', 'simulate', 'store', 'git', 'http', 'processes', 'inputs'],
  ...['step', 'flow', 'files', 'operators', 'util', 'errors'],
];

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const importsOf = new Map(files.map((file) => [file, importedBy(file)]));

function importedBy(file: string): string[] {
  const imports = readFileSync(join('lib', file), 'utf8').matchAll(/\b(?:from|import) ?\(?'(\.[^']+)\.js'/g);
  return Array.from(imports, ([, path = '']) => `${normalize(join(dirname(file), path))}.ts`);
}

/** The first folder of its path; a loose file is its own. */
function roomOf(file: string): string {
  return file.replace(/\/.*|\.ts$/, '');
}

function floorOf(file: string): number {
  return FLOORS.indexOf(roomOf(file));
}

/** Those that import one another in a circle, and those between two circles. */
function inCircles(): string[] {
  const left = new Set(files);
  let before: number;
  do {
    before = left.size;
    const imported = new Set([...left].flatMap((file) => importsOf.get(file)));
    for (const file of left)
      if (!imported.has(file) || !importsOf.get(file)?.some((other) => left.has(other))) left.delete(file);
  } while (left.size < before);
  return [...left];
}

describe('lib/', () => {
  it('has the rooms that are listed, and no other', () => {
    assert.deepEqual([...new Set(files.map(roomOf))].sort(), FLOORS.toSorted());
  });

  it('has four loose files', () => {
    assert.deepEqual(files.filter((file) => !file.includes('/')).sort(), [
      'errors.ts',
      'index.ts',
      'run-options.ts',
      'run.ts',
    ]);
  });

  it('has its rooms in CONTRIBUTING.md, in the same order', () => {
    const rows = readFileSync('CONTRIBUTING.md', 'utf8')
      .split('## The rooms of lib/')[1]
      ?.matchAll(/^\| (`.*?) \|/gm);
    const named = Array.from(rows ?? [], ([, cell = '']) => cell.match(/[\w-]+(?=\/|\.ts)/g) ?? []);
    assert.deepEqual(named.flat(), FLOORS);
  });

  it('imports downwards only', () => {
    const upwards = [...importsOf].flatMap(([file, imports]) =>
      imports.filter((other) => floorOf(other) < floorOf(file)).map((other) => `${file} imports ${other}`),
    );
    assert.deepEqual(upwards, []);
  });

  it('has no circle of imports', () => {
    assert.deepEqual(inCircles(), []);
  });
});
