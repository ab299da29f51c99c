import { messageOf } from '../errors.js';
import { suggestion } from '../util/suggest.js';

/** The mistake in a command line that clipanion can't parse; null for any other error. */
export function syntaxMistake(error: unknown, options: readonly string[]): string | null {
  if (!(error instanceof Error && 'clipanion' in error)) return null;
  const message = messageOf(error);
  const [command] = commandsIn(message);
  const isKnown = command !== undefined && commandsIn(message).length === 1;
  return `${explained(message, options)}; see orchestrator ${isKnown ? `${command} ` : ''}--help`;
}

/** The commands whose usage it shows. */
function commandsIn(message: string): string[] {
  const usages = message.matchAll(/^(?:\$| +\d+\.) orchestrator ([a-z]+)/gm);
  return [...new Set([...usages].map(([, command = '']) => command))];
}

/** In our words where clipanion's don't show the way, else its first line. */
function explained(message: string, options: readonly string[]): string {
  if (message.startsWith('Command not found')) return unknownCommand(message);
  if (message.startsWith('Not enough positional')) return lackOf(message);
  const [, option] = message.match(/^Not enough arguments to option (\S+)\./) ?? [];
  if (option !== undefined) return `${option}: its value is missing`;
  const [, what, argument = ''] = message.match(/^(Unsupported|Invalid|Extraneous) .*?\("(.*)"\)/s) ?? [];
  if (what === undefined) return message.replace(/\.?\n.*|\.$/s, '');
  if (what !== 'Extraneous') return unknownOption(argument, options);
  return `unexpected argument "${argument}"${wayOut(argument, commandsIn(message))}`;
}

const CONFIG = /\.(ya?ml|json)$/i;

function unknownCommand(message: string): string {
  const commands = commandsIn(message);
  const [, name = ''] = message.match(/^While running (\S+)/m) ?? [];
  const way = CONFIG.test(name) ? `; to run a config: orchestrator run ${name}` : suggestion(name, commands);
  return `no such command; there are ${commands.join(', ')}${way}`;
}

/** `$ orchestrator rm [--generated #0] <run> ...` */
function lackOf(message: string): string {
  const [command = ''] = commandsIn(message);
  const [positionals = '', name = ''] = message.match(/<(\w+)>.*$/) ?? [];
  return `the ${name} is missing: orchestrator ${command} ${positionals}`;
}

function unknownOption(argument: string, options: readonly string[]): string {
  const [name = '', value] = argument.split('=');
  if (value !== undefined && options.includes(name))
    return `${name} takes no value; leave it out to turn it off`;
  return `unknown option ${name}${suggestion(name, options)}`;
}

function wayOut(argument: string, [command]: readonly string[]): string {
  if (/^(latency|fail)=/.test(argument))
    return `; the settings of --simulate follow an equals sign: --simulate=${argument}`;
  if (command === 'retry')
    return '; retry resumes the last run; for another run or config: run [config] --resume <run>';
  if (command !== 'run' && command !== 'plan') return '';
  return `; ${command} takes one config, and everything else by options`;
}
