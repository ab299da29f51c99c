import { configText, FILES, KEYS, STEPS, type Steps } from './small-run.js';

/** What is done between the first session of a small run and the second. */
export interface Edit {
  readonly title: string;
  /** Files that are written, or (null) deleted. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Other steps than STEPS. */
  readonly steps?: Steps;
  /** Other keys than KEYS. */
  readonly keys?: object;
  /** What is added to `run --resume last`. */
  readonly words?: string;
  /** Where on the server the models are. */
  readonly path?: string;
  /** Exactly what the second session has to call, sorted. */
  readonly calls: readonly string[];
}

export const ALL = ['draft', 'count', 'judge', 'final'];

/** Calls of these steps in all flows with these documents: two each, since there are two rules. */
export function callsOf(steps: readonly string[], docs = 'ab'): readonly string[] {
  return [...docs, ...docs].flatMap((doc) => steps.map((step) => `${step} doc ${doc}`)).sort();
}

const { draft, count, judge, final } = STEPS;
const { schema } = final;
const pass = { type: 'cmd', cmd: ['sh', 'pass.sh'] };

/** By what they are about. */
export const EDITS: Readonly<Record<string, readonly Edit[]>> = {
  'that say most': [
    { title: 'nothing', calls: [] },
    { title: 'one content', files: { 'a.md': 'doc a, changed' }, calls: callsOf(ALL, 'a') },
    {
      title: 'one file more, one less',
      files: { 'docs.txt': 'c.md\nb.md\n', 'c.md': 'doc c' },
      calls: callsOf(ALL, 'c'),
    },
    {
      title: 'the first prompt',
      steps: { ...STEPS, draft: { ...draft, prompt: 'Sketch {{{doc}}}.' } },
      calls: callsOf(ALL),
    },
    {
      title: 'the last model',
      steps: { ...STEPS, final: { ...final, model: 'other' } },
      calls: callsOf(['other']),
    },
    {
      title: 'names of steps, and the order of keys',
      files: { 'final.md': FILES['final.md'].replace('steps.draft', 'steps.one') },
      steps: { one: draft, two: count, three: judge, four: final },
      keys: { rule: KEYS.rule, doc: KEYS.doc },
      calls: [],
    },
  ],

  'of inputs': [
    {
      title: 'a content of the other key',
      files: { 'r.md': 'rule red, changed' },
      calls: [...new Set(callsOf(ALL))],
    },
    { title: 'files written again as they were', files: FILES, calls: [] },
    {
      title: 'a file renamed',
      files: { 'a.md': null, 'z.md': FILES['a.md'], 'docs.txt': 'z.md\nb.md\n' },
      calls: callsOf(ALL, 'a'),
    },
    { title: 'a path written otherwise', files: { 'docs.txt': './a.md\nb.md\n' }, calls: callsOf(ALL, 'a') },
    { title: 'a file listed twice', files: { 'docs.txt': 'a.md\nb.md\na.md\n' }, calls: callsOf(ALL, 'a') },
    {
      title: 'the order of a list, and its line ends',
      files: { 'docs.txt': '\uFEFFb.md\r\n\r\na.md' },
      calls: [],
    },
    {
      title: 'another list of the same',
      files: { 'other.txt': 'a.md\nb.md\n' },
      words: '--key doc:other.txt',
      calls: [],
    },
    {
      title: 'the name of a key',
      steps: {
        ...STEPS,
        draft: { ...draft, prompt: 'Draft {{{text}}}.' },
        count: { ...count, cmd: ['sh', 'count.sh', '{{{text.file}}}'] },
      },
      keys: { text: KEYS.doc, rule: KEYS.rule },
      calls: callsOf(ALL),
    },
  ],

  'of what models are asked': [
    {
      title: 'the text of a prompt file',
      files: { 'final.md': `Please ${FILES['final.md']}` },
      calls: callsOf(['final']),
    },
    {
      title: 'instructions',
      steps: { ...STEPS, final: { ...final, instructions: 'Be long.' } },
      calls: callsOf(['final']),
    },
    {
      title: 'a schema',
      steps: { ...STEPS, final: { ...final, schema: { ...schema, description: 'An answer.' } } },
      calls: callsOf(['final']),
    },
    {
      title: 'the order of the fields of a step and its schema',
      steps: { ...STEPS, final: backwards({ ...final, schema: backwards(schema) }) },
      calls: [],
    },
    {
      title: 'a parameter of the request',
      steps: { ...STEPS, final: { ...final, request: { temperature: 0.5 } } },
      calls: callsOf(['final']),
    },
    {
      title: 'previous: false',
      steps: { ...STEPS, final: { ...final, previous: false } },
      calls: callsOf(['final']),
    },
    { title: 'paths appended to contents', words: '--append-filepath', calls: callsOf(ALL) },
    { title: 'the server', path: 'other/v1', calls: callsOf(['draft', 'final']) },
  ],

  'of programs': [
    {
      title: "a command's script, and with it what it puts out",
      files: { 'count.sh': FILES['count.sh'].replace('count(', 'number(') },
      calls: callsOf(['count', 'judge', 'final']),
    },
    {
      title: "a command's script, but not what it puts out",
      files: { 'count.sh': `# counts\n${FILES['count.sh']}` },
      calls: callsOf(['count']),
    },
    {
      title: 'an argument of a command',
      steps: { ...STEPS, count: { ...count, cmd: [...count.cmd, 'more'] } },
      calls: callsOf(['count']),
    },
    {
      title: "a module's file, but not what it puts out",
      files: { 'judge.mjs': `${FILES['judge.mjs']} // as before` },
      calls: callsOf(['judge']),
    },
    {
      title: 'a file that a step names among its inputs',
      files: { 'data/words.txt': 'another word' },
      calls: callsOf(['judge']),
    },
    {
      title: 'a file more in a folder that a step names among its inputs',
      files: { 'data/more.txt': 'a word' },
      calls: callsOf(['judge']),
    },
  ],

  'of the chain': [
    {
      title: 'the order of steps',
      steps: { draft, judge, count, final },
      calls: callsOf(['count', 'judge', 'final']),
    },
    {
      title: 'a step put in between that passes on what it gets',
      steps: { draft, count, pass, judge, final },
      calls: callsOf(['pass']),
    },
    {
      title: 'a step once more',
      steps: { draft, count, recount: count, judge, final },
      calls: callsOf(['count', 'judge', 'final']),
    },
    { title: 'a step taken out', steps: { draft, count, final }, calls: callsOf(['final']) },
    {
      title: 'time-outs, retries and caps',
      steps: {
        draft: { ...draft, timeout: 50, retries: 2, parallel: 1 },
        count: { ...count, timeout: 50, retries: 2, parallel: 1 },
        judge: { ...judge, timeout: 50, retries: 2, parallel: 1 },
        final: { ...final, timeout: 50, retries: 2, parallel: 1 },
      },
      words: '--parallel 2 --timeout 100',
      calls: [],
    },
    { title: 'sharing', words: '--share', calls: [] },
    {
      title: 'JSON into YAML',
      files: { 'config.yaml': `# the same\n${configText(STEPS)}` },
      words: 'config.yaml',
      calls: [],
    },
  ],
};

function backwards(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).reverse());
}
