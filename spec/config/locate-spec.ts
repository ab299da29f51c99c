import assert from 'node:assert/strict';
import { located } from '../../lib/config/locate.js';

const YAML = `# a comment
defaults:
  openai: &usual { model: gpt-5.4-mini }
steps:
  - type: openai
    prompt: |
      Hi
  - type: cmd
    cmd: [echo, 'x', 3]
  - <<: *usual
    type: openai
  - *usual
lanes: { mine: { rpm: x } }
`;
const JSON_LIST = '[\n\t{ "type": "openai",\n\t  "prompt": 5 },\n\t{ "typ": "cmd" }\n]';

async function placesOf(text: string, ...wheres: readonly string[]): Promise<readonly string[]> {
  const issues = await located(
    wheres.map((where) => ({ where, message: 'is wrong' })),
    'a.yaml',
    text,
  );
  assert.ok(issues.every(({ message }) => message === 'is wrong'));
  return issues.map(({ where }) => where);
}

describe('located', () => {
  it('names the line and the column of a step, a field of it and what is in that', async () => {
    assert.deepEqual(
      await placesOf(YAML, 'steps[0].prompt', 'steps[1]', 'steps[1].cmd[2]', 'defaults.openai.model'),
      [
        'a.yaml:6:5: steps[0].prompt',
        'a.yaml:8:5: steps[1]',
        'a.yaml:9:22: steps[1].cmd[2]',
        'a.yaml:3:20: defaults.openai.model',
      ],
    );
  });

  it('does so in a bare list, and in JSON', async () => {
    assert.deepEqual(await placesOf(JSON_LIST, 'steps[0].prompt', 'steps[1].typ', 'steps[1].type'), [
      'a.yaml:3:4: steps[0].prompt',
      'a.yaml:4:4: steps[1].typ',
      'a.yaml:4:2: steps[1].type',
    ]);
  });

  it('names what is around it where it is missing', async () => {
    assert.deepEqual(await placesOf(YAML, 'steps[0].name', 'steps[2].model', 'lanes.mine.tpm'), [
      'a.yaml:5:5: steps[0].name',
      'a.yaml:10:5: steps[2].model',
      'a.yaml:13:10: lanes.mine.tpm',
    ]);
  });

  it('follows an alias', async () => {
    assert.deepEqual(await placesOf(YAML, 'steps[3]', 'steps[3].model'), [
      'a.yaml:12:5: steps[3]',
      'a.yaml:3:20: steps[3].model',
    ]);
  });

  it('leaves alone what is not in it, files with the names of its fields among that', async () => {
    const others = ['--key a', 'workdir', 'list.txt:3', '', 'keys.a', 'key rule', 'steps.txt:1', 'lanes.txt'];
    assert.deepEqual(await placesOf(YAML, ...others), others);
    assert.deepEqual(await placesOf(JSON_LIST, ...others), others);
  });
});
