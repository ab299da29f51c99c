import { ConfigError } from '../errors.js';
import type { SimulationOptions } from './simulation.js';

type Name = keyof SimulationOptions;

const values = {
  latency: { most: 2 ** 31 - 1, expected: 'milliseconds, a number from 0 up' },
  fail: { most: 1, expected: 'a rate from 0 to 1' },
};

/** True if a setting is known, and has a sensible value. */
export function isSimulateSetting([name, value]: readonly [string, unknown]): boolean {
  if (name !== 'latency' && name !== 'fail') return false;
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= values[name].most);
}

/** Reads the value of `--simulate=latency=200,fail=0.05`. Throws a ConfigError that names the wrong part. */
export function parseSimulateOptions(text: string): SimulationOptions {
  const options: { -readonly [K in Name]?: number } = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const [name, value] = parsePart(part.trim());
    if (name in options) throw wrong(`\`${name}\` is given twice`);
    options[name] = value;
  }
  return options;
}

function parsePart(part: string): [Name, number] {
  const [name = '', text = ''] = part.split(/=(.*)/s);
  if (name !== 'latency' && name !== 'fail') {
    throw wrong(`unknown part \`${part}\`; expected latency=<milliseconds> or fail=<rate>, split by a comma`);
  }
  const { most, expected } = values[name];
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= most) return [name, value];
  throw wrong(`expected \`${name}\` to be ${expected}, got \`${text}\``);
}

function wrong(message: string): ConfigError {
  return new ConfigError([{ where: '--simulate', message }]);
}
