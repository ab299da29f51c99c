import { suggestion } from '../config/suggest.js';
import { messageOf } from '../errors.js';

/** What is wrong with a command line that clipanion can't parse; null for any other error. */
export function syntaxMistake(error: unknown, options: readonly string[]): string | null {
  if (!(error instanceof Error && 'clipanion' in error)) return null;
  return `${explained(messageOf(error), options)}; see orchestrator run --help`;
}

/** In our words where clipanion's don't show the way, else its first line. */
function explained(message: string, options: readonly string[]): string {
  if (message.startsWith('Command not found')) return 'no such command; there is: orchestrator run <config>';
  if (message.startsWith('Not enough positional')) return 'the config is missing: orchestrator run <config>';
  const [, option] = message.match(/^Not enough arguments to option (\S+)\./) ?? [];
  if (option !== undefined) return `${option}: its value is missing`;
  const [, what, argument = ''] = message.match(/^(Unsupported|Invalid|Extraneous) .*?\("(.*)"\)/s) ?? [];
  if (what === undefined) return message.replace(/\.?\n.*|\.$/s, '');
  if (what !== 'Extraneous') return unknownOption(argument, options);
  return `unexpected argument "${argument}"${wayOut(argument)}`;
}

function unknownOption(argument: string, options: readonly string[]): string {
  const [name = '', value] = argument.split('=');
  if (value !== undefined && options.includes(name))
    return `${name} takes no value; leave it out to turn it off`;
  return `unknown option ${name}${suggestion(name, options)}`;
}

function wayOut(argument: string): string {
  return /^(latency|fail)=/.test(argument)
    ? `; the settings of --simulate follow an equals sign: --simulate=${argument}`
    : '; run takes one config, and everything else by options';
}
