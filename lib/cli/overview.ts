import { Cli } from 'clipanion';
import { BaseCommand } from './commands/base-command.js';
import { COMMANDS } from './commands/commands.js';
import { writeLines } from './lines.js';

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
