import type { OpenAI } from 'openai';
import { ConfigError, messageOf } from '../../errors.js';
import { connectionLimit, createHttp, type Http } from '../../http/http.js';
import type { Checked, StepEnvironment } from '../contract.js';
import { createClient } from './client.js';
import { ANSWER_MIB, type OpenAIConfig } from './config.js';
import type { Server } from './server.js';

/** A client, and the connections under it. */
export interface Connection {
  readonly client: OpenAI;
  /** Closes the connections when the last step that shares them has closed. */
  close(): Promise<void>;
}

/** The step's settings for its connection. */
type Wishes = Pick<Checked<OpenAIConfig>, 'maxAnswer' | 'redirects'>;

/** By run (the artefacts are the one object that all steps of a run are given), then by server. */
const runs = new WeakMap<StepEnvironment['artefacts'], Map<string, Shared>>();

/**
 * Steps of one run that call the same server share one client; it has a connection for each call in flight.
 */
export function connect(server: Server, setup: StepEnvironment, wishes: Wishes = {}): Connection {
  const servers = runs.get(setup.artefacts) ?? new Map<string, Shared>();
  runs.set(setup.artefacts, servers);
  const { maxAnswer, redirects } = wishes;
  const name = JSON.stringify([server, maxAnswer, redirects]);
  const shared = servers.get(name) ?? new Shared(server, setup, wishes);
  shared.join();
  servers.set(name, shared);
  return {
    client: shared.client,
    async close() {
      if (!shared.leave()) return;
      servers.delete(name);
      await shared.close();
    },
  };
}

class Shared {
  readonly client: OpenAI;
  readonly #http: Http;
  #users = 0;

  constructor(server: Server, setup: StepEnvironment, wishes: Wishes) {
    const { connections, capped } = connectionLimit(setup.parallel);
    if (capped) setup.notice(cappedAt(connections, server));
    this.#http = httpWith(connections, wishes, setup);
    this.client = createClient(server, this.#http.fetch);
  }

  join(): void {
    this.#users++;
  }

  /** True when that was the last one. */
  leave(): boolean {
    this.#users--;
    return this.#users === 0;
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** The stand-in is on this machine: no proxy is asked. */
function httpWith(
  connections: number,
  { maxAnswer = ANSWER_MIB, redirects = 'same-server' }: Wishes,
  { env, simulation, where }: StepEnvironment,
): Http {
  try {
    const maxAnswerBytes = maxAnswer * 2 ** 20;
    return createHttp({ connections, maxAnswerBytes, redirects, env: simulation ? {} : env });
  } catch (error) {
    throw new ConfigError([{ where, message: messageOf(error) }]);
  }
}

function cappedAt(connections: number, { host }: Server): string {
  return `at most ${connections} connections to ${host}, ¾ of the open files that the system allows (ulimit -n); further calls wait`;
}
