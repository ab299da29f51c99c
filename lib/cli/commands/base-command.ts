import { Command } from 'clipanion';
import { workingFolder } from '../../processes/surroundings.js';
import { printError } from '../print-error.js';

/** A command that explains its errors on stderr by itself: clipanion would print them on stdout. */
export abstract class BaseCommand extends Command {
  /** It has paths, which begin in the working directory. */
  protected readonly needsDirectory: boolean = true;

  /** The command's work; throws a ConfigError for the user's mistakes. */
  abstract perform(): Promise<number>;

  override async execute(): Promise<number> {
    const { stderr, env } = this.context;
    try {
      if (this.needsDirectory) workingFolder();
      return await this.perform();
    } catch (error) {
      return printError(error, stderr, env);
    }
  }
}
