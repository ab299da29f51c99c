import type { StoredCall } from './contract.js';
import { LINE_BEGIN } from './line.js';

/** How the line of a call begins. */
function callHead([sitting, number]: StoredCall['call']): string {
  return `"call":[${sitting},${number}]`;
}

export function callLine({ call, tokens, costUsd, simulated, open }: StoredCall): string {
  const flags = `${simulated ? ',"simulated":true' : ''}${open ? ',"open":true' : ''}`;
  return `${LINE_BEGIN}${callHead(call)},"tokens":${numberText(tokens)},"costUsd":${numberText(costUsd)}${flags}}\n`;
}

/** As JSON has it: no number stands for what is none. */
export function numberText(number: number | null): string {
  return Number.isFinite(number) ? `${number}` : 'null';
}
