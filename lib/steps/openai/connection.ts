import type { OpenAI } from 'openai';
import { ConfigError, messageOf } from '../../errors.js';
import { connectionLimit, createHttp, type Http } from '../../http.js';
import type { Setup } from '../contract.js';
import { createClient } from './client.js';
import type { Server } from './server.js';

/** A client, and the connections under it. */
export interface Connection {
  readonly client: OpenAI;
  /** Closes the connections when the last step that shares them has closed. */
  close(): Promise<void>;
}

/** By run (the artefacts are the one object that all steps of a run are given), then by server. */
const runs = new WeakMap<Setup['artefacts'], Map<string, Shared>>();

/** Steps of one run that call the same server share one client; it has the connections that the widest of them needs. */
export function connect(server: Server, setup: Setup): Connection {
  const servers = runs.get(setup.artefacts) ?? new Map<string, Shared>();
  runs.set(setup.artefacts, servers);
  const name = JSON.stringify(server);
  const shared = servers.get(name) ?? new Shared(server);
  shared.join(setup);
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
  readonly #host: string;
  #http: Http | undefined;
  #connections = 0;
  #users = 0;

  constructor(server: Server) {
    this.#host = server.host;
    this.client = createClient(server, (input, init) => this.#open().fetch(input, init));
  }

  join(setup: Setup): void {
    const { connections, capped } = connectionLimit(setup.parallel);
    if (capped) setup.notice(this.#cappedAt(connections));
    if (connections > this.#connections) {
      // Steps are created before the first call is made: nothing is in flight yet.
      void this.#http?.close();
      this.#http = this.#create(connections, setup);
      this.#connections = connections;
    }
    this.#users++;
  }

  /** True when that was the last one. */
  leave(): boolean {
    this.#users--;
    return this.#users === 0;
  }

  async close(): Promise<void> {
    await this.#http?.close();
  }

  #open(): Http {
    if (this.#http) return this.#http;
    throw new Error('the client is used before a step has joined');
  }

  /** The stand-in is on this machine: no proxy is asked. */
  #create(connections: number, { env, simulation, where }: Setup): Http {
    try {
      return createHttp({ connections, env: simulation ? {} : env });
    } catch (error) {
      const message = `the proxy variables (http_proxy, https_proxy) are wrong: ${messageOf(error)}`;
      throw new ConfigError([{ where, message }]);
    }
  }

  #cappedAt(connections: number): string {
    return `at most ${connections} connections to ${this.#host}, ¾ of the open files that the system allows (ulimit -n); further calls wait`;
  }
}
