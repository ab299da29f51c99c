import type { Context } from 'mocha';
import { endCountingServer } from '../faults/counting-server.js';
import { removeFolders } from './folder.js';

/** What specs leave to be cleared up: after all of them, or after each file where files run side by side. */
export const mochaHooks = {
  afterAll(this: Context): void {
    this.timeout(0); // thousands of files on a busy disk
    endCountingServer();
    removeFolders();
  },
};
