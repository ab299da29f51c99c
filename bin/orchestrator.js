#!/usr/bin/env node
import process from 'node:process';

// An event loop that runs dry ends with code 0: failure is presumed until the last record is written.
process.exitCode = 70;

const { main } = await import('../dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2));

// All is written and every child has ended: what is left (a function that was abandoned) isn't worth waiting for.
process.exit();
