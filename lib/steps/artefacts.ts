import { access, constants, mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, codeOf, messageOf, writeError } from '../errors.js';
import { evenIfRemoved, makeGeneratedFolder, tidyGeneratedFolder } from '../files/generated-folder.js';

/** All that a run leaves on disk, under one folder (`generated`). Private: folders 0700, files 0600. */
export class Artefacts {
  /** As the user gave it, so that paths in records stay relative where the option was. */
  readonly directory: string;
  /** The folders of its path that weren't there when the run began, innermost first. */
  #missing: readonly string[] = [];

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Looks which folders are missing: those that stay empty are removed by `close`. */
  async open(): Promise<void> {
    this.#missing = await missingFolders(resolve(this.directory));
  }

  /** Makes the folder and sees that it can be written, before anything is started. */
  async prepare(): Promise<void> {
    try {
      await evenIfRemoved(async () => {
        await mkdir(this.directory, { recursive: true, mode: 0o700 });
        await access(this.directory, constants.W_OK | constants.X_OK);
      });
    } catch (error) {
      const message = `${whyUnusable(error)}; name a writable folder with --generated`;
      throw new ConfigError([{ where: `generated folder ${this.directory}`, message }]);
    }
  }

  /**
   * A new folder of its own, `<directory>/<prefix>_xxxxxx`; no other program can make the same name. Rejects with a
   * WriteFailure where the disk is full or broken.
   */
  async folder(prefix: string): Promise<string> {
    try {
      return await evenIfRemoved(() => {
        makeGeneratedFolder(this.directory);
        return mkdtemp(join(this.directory, `${prefix}_`));
      });
    } catch (error) {
      throw writeError(this.directory, error);
    }
  }

  /** A run that kept nothing leaves no empty folder behind. */
  async close(): Promise<void> {
    if (this.#missing.length > 0) tidyGeneratedFolder(this.directory);
    for (const folder of this.#missing) {
      const isRemoved = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!isRemoved) return;
    }
  }
}

/** Innermost first; those above the first one that is there are there, too. */
async function missingFolders(folder: string): Promise<string[]> {
  const isThere = await access(folder).then(
    () => true,
    (error) => codeOf(error) !== 'ENOENT',
  );
  return isThere ? [] : [folder, ...(await missingFolders(dirname(folder)))];
}

function whyUnusable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'cannot write there: a file has that name';
  if (code === 'EACCES') return 'cannot write there: permission denied';
  // Making a folder with its parents fails so, too, on a read-only disk.
  if (code === 'EROFS' || code === 'ENOENT')
    return 'cannot write there: the disk is read-only, or a link is broken';
  return `cannot write there (${messageOf(error)})`;
}
