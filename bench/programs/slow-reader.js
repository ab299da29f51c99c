/*
 * Reads lines from stdin: for some seconds 100 a second, then as fast as they come. Tells how far the writer's flows
 * were ahead of it, at most, and whether each came once.
 */
import { readFileSync, readSync } from 'node:fs';
import { tell } from './report.js';

const { slowMs, pulledFile } = JSON.parse(process.argv[2]);
const chunk = Buffer.alloc(4096);
const seen = new Set();
let rest = '';
let lines = 0;
let slowLines = 0;
let slowBytes = 0;
let mostAhead = 0;

function main() {
  const slowUntil = performance.now() + slowMs;
  while (true) {
    const length = readSync(0, chunk, 0, chunk.length);
    if (length === 0) break;
    const parts = (rest + chunk.toString('latin1', 0, length)).split('\n');
    rest = parts.pop();
    for (const line of parts) take(line, performance.now() < slowUntil);
  }
  tell({ lines, distinct: seen.size, slowLines, mostAhead, slowBytes });
}

function take(line, slowly) {
  lines++;
  seen.add(JSON.parse(line).index);
  if (!slowly) return;
  slowLines++;
  slowBytes += line.length + 1;
  mostAhead = Math.max(mostAhead, pulledSoFar() - lines);
  pause(10);
}

function pulledSoFar() {
  try {
    return Number(readFileSync(pulledFile, 'utf8'));
  } catch {
    return 0;
  }
}

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

main();
