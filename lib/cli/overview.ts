import { Writable } from 'node:stream';
import { type BaseContext, Cli, type Command } from 'clipanion';
import { BaseCommand } from './commands/base-command.js';
import { COMMANDS } from './commands/commands.js';
import { writeLines, writeTexts } from './writer.js';

/** `orchestrator --help` */
export class OverviewCommand extends BaseCommand {
  static override paths = [['--help'], ['-h']];
  protected override readonly needsDirectory = false;

  override async perform(): Promise<number> {
    await writeLines(this.context.stdout, [overview(this.cli)]);
    return 0;
  }
}

/**
 * All commands. (clipanion's own help sorts them by a locale, which takes longer than the rest of the program here,
 * and spells out every option of every one.)
 */
export function overview(program: Pick<Cli, 'binaryName' | 'binaryVersion' | 'format'>): string {
  const { binaryName, binaryVersion } = program;
  const cli = new Cli({ binaryName });
  for (const command of COMMANDS) cli.register(command);
  const { header, bold } = program.format();
  const commands = cli
    .definitions()
    .map(({ usage, description = '' }) => `  ${bold(usage)}\n    ${description.trim()}\n`);
  return [
    `${header(`Orchestrator ${binaryVersion}`)}\n`,
    ...commands,
    `The options of a command: ${binaryName} help <command>, or ${binaryName} <command> --help`,
    `The version: ${binaryName} --version, or -V`,
  ].join('\n');
}

/** Colours are the program's to decide. */
type Context = Omit<BaseContext, 'colorDepth'>;

/** Runs one of clipanion's commands (help, version); resolves to the exit code. */
export async function tell(cli: Cli, command: Command, context: Context): Promise<number> {
  const help = new Collected();
  const code = await cli.run(command, { ...context, stdout: help });
  await writeTexts(context.stdout, [readable(help.text)]);
  return code;
}

/** clipanion's help calls every value of an option `#0`; options without one stay in line with the others. */
function readable(help: string): string {
  return help.replace(/^ {2}-\S+(?= {2})/gm, '$&     ').replaceAll(' #0', ' <value>');
}

class Collected extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
