import process from 'node:process';

/** The number of the user that this process acts for; undefined on Windows. */
export const userId: number | undefined = process.geteuid?.();
