import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codexBins, codexPlace, requireCodex } from '../helpers/codex.js';
import { recordsIn, runLine } from '../helpers/program.js';
import { commitAll, gitIn } from '../helpers/repository.js';
import { message, responsesServer } from '../helpers/responses-server.js';

const FILES = {
  'a.md': 'a',
  'b.md': 'b',
  'c.md': 'c',
  'list.txt': 'a.md\nb.md\nc.md\n',
  'config.yaml': "- {type: codex, prompt: 'Read {{{file.path}}}'}\n",
};

const RUN = '$orchestrator run config.yaml --key file:list.txt --progress none';
const RETRY = '$orchestrator retry --progress none';

for (const [name, bin] of Object.entries(codexBins)) {
  describe(`bin: a codex step that reads the repository in which its results are written; ${name}`, () => {
    before(function () {
      requireCodex(this);
    });

    for (const [how, first, again] of [
      ['through tee', `${RUN} | tee results.ndjson`, `${RETRY} | tee results.ndjson`],
      ['to a file, then to another one', `${RUN} > one.ndjson`, `${RETRY} > two.ndjson && cat two.ndjson`],
      ['to a file, with what is said beside', `${RUN} > one.ndjson 2> said.txt`, `${RETRY} | tee report.txt`],
    ] as const) {
      it(`asks for nothing twice: ${how}`, async () => {
        await using server = await responsesServer(() => ({ items: [message('read')] }));
        await using place = await codexPlace(bin, server.port);
        const { workdir: cwd, env } = place;
        gitIn(cwd, 'init', '--quiet');
        for (const [file, text] of Object.entries(FILES)) writeFileSync(join(cwd, file), text);
        commitAll(cwd);
        const ran = await runLine(first, { cwd, env });
        assert.equal(ran.code, 0, ran.stderr);
        assert.equal(server.received.length, 3);
        for (let resumes = 0; resumes < 2; resumes++) {
          const { code, stdout, stderr } = await runLine(again, { cwd, env });
          assert.equal(code, 0, stderr);
          const replayed = recordsIn({ stdout }).map(({ steps }) => steps[0]?.replayed);
          assert.deepEqual(replayed, [true, true, true]);
        }
        assert.equal(server.received.length, 3);
      });
    }
  });
}
