import { Writable } from 'node:stream';
import type { BaseContext, Cli, Command } from 'clipanion';
import { writeTexts } from './lines.js';

/** Colours are the program's to decide. */
type Context = Omit<BaseContext, 'colorDepth'>;

/** Runs a command of clipanion's, which tells of ours or the version; resolves to the exit code. */
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
