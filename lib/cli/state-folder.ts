import { isAbsolute, join } from 'node:path';
import { currentProcess } from '../processes/run-process.js';

/**
 * The folder for a user's files that outlive a run (XDG Base Directory Specification 0.8); null where no home is known.
 */
export function stateFolder(): string | null {
  const { XDG_STATE_HOME: state, HOME, USERPROFILE } = currentProcess().env;
  const home = HOME || USERPROFILE;
  if (state && isAbsolute(state)) return join(state, 'orchestrator');
  return home ? join(home, '.local', 'state', 'orchestrator') : null;
}
