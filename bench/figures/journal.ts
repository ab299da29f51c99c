import type { Row, Size } from '../shapes.js';
import { journalCost } from './journal-cost.js';
import { linesKept } from './journal-lines.js';
import { goingOn } from './journal-resume.js';

/** What it takes to keep a run, and to go on with it. */
export async function journal(size: Size): Promise<Row[]> {
  return [...(await linesKept(size)), ...(await journalCost(size)), ...(await goingOn(size))];
}
