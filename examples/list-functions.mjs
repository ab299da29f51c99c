// Prints the functions that a file exports, as a JSON array of their sources.
import { readFileSync } from 'node:fs';

const source = readFileSync(process.argv[2] ?? '', 'utf8');
const functions = source.match(/^export (async )?function [\s\S]*?^}/gm) ?? [];
process.stdout.write(JSON.stringify(functions));
