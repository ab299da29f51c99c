#!/usr/bin/env node
import process from 'node:process';

// An event loop that runs dry ends with code 0, and so may a module of the user's: failure is presumed until the last
// record is written.
let code = 70;
process.on('exit', (ended) => {
  process.exitCode = ended || code;
});

const { main } = await import('../dist/cli/main.js');
code = await main(process.argv.slice(2));

// All is written and every child has ended: what is left (a function that was abandoned) isn't worth waiting for.
process.exit(code);
