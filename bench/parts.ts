/* What programs of the bench need of lib/, and the package doesn't export: `main.ts` makes `programs/parts.js` of it. */
export { Writer } from '../lib/cli/writer.js';
export { findRun } from '../lib/store/runs.js';
