import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from 'mocha';
import { folderWith } from './folder.js';
import { skip } from './skip.js';

/** A proxy in front of a model's server that limits what comes through. */
export interface LimitingProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
}

/** Each answers to what is too much as it is made: nginx 503, haproxy and squid as their configurations say, else squid 403. */
const CONFIGS = {
  'nginx, 40 a second': (folder: string, port: number, server: string) =>
    nginx(folder, port, server, 'limit_req zone=rate burst=10 nodelay;'),
  'nginx, 5 in flight': (folder: string, port: number, server: string) =>
    nginx(folder, port, server, 'limit_conn open 5;'),
  'haproxy, 20 in half a second': (_: string, port: number, server: string) => `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend all
  bind 127.0.0.1:${port}
  stick-table type ip size 1k expire 10s store http_req_rate(500ms)
  http-request deny deny_status 429 if { src_http_req_rate() ge 20 }
  http-request track-sc0 src
  default_backend model
backend model
  server model ${new URL(server).host}
`,
  'squid, 5 connections': (folder: string, port: number, server: string) =>
    squid(folder, port, server, 'deny_info 503:ERR_TOO_BIG many'),
  'squid, 5 connections, as it comes': (folder: string, port: number, server: string) =>
    squid(folder, port, server, ''),
} as const;

export type LimitingProxyKind = keyof typeof CONFIGS;
/** Those that answer 429 or 503. */
export const limitingProxyKinds: readonly LimitingProxyKind[] = [
  'nginx, 40 a second',
  'nginx, 5 in flight',
  'haproxy, 20 in half a second',
  'squid, 5 connections',
];

function nginx(folder: string, port: number, server: string, limit: string): string {
  return `
daemon off;
pid ${folder}/pid;
error_log stderr crit;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  limit_req_zone $server_name zone=rate:1m rate=40r/s;
  limit_conn_zone $server_name zone=open:1m;
  server {
    listen 127.0.0.1:${port};
    server_name model;
    location / { ${limit} proxy_pass ${new URL(server).origin}; }
  }
}
`;
}

/** @param denial what it answers to those who have too many connections. Default: 403, a page of its own */
function squid(folder: string, port: number, server: string, denial: string): string {
  const { hostname, port: origin } = new URL(server);
  return `
http_port 127.0.0.1:${port} accel no-vhost defaultsite=model
cache_peer ${hostname} parent ${origin} 0 no-query originserver
cache deny all
pid_filename ${folder}/pid
cache_log ${folder}/cache.log
access_log none
coredump_dir ${folder}
shutdown_lifetime 0 seconds
client_persistent_connections off
acl many maxconn 5
http_access deny many
http_access allow all
${denial}
`;
}

/** How each is started in the foreground. */
const ARGS: Readonly<Record<string, (file: string) => string[]>> = {
  nginx: (file) => ['-e', 'stderr', '-c', file],
  haproxy: (file) => ['-f', file],
  squid: (file) => ['--foreground', '-f', file],
};

/** Starts the real program on a free port of the loopback interface; the test is skipped where there is none. */
export async function limitingProxy(
  context: Context,
  kind: LimitingProxyKind,
  server: string,
): Promise<LimitingProxy> {
  const [program = ''] = kind.split(',');
  if (spawnSync(program, ['-v']).status !== 0) skip(context, `no ${program} here`);
  const folder = folderWith();
  const port = await freePort();
  const file = join(folder, 'proxy.conf');
  writeFileSync(file, CONFIGS[kind](folder, port, server));
  const args = ARGS[program]?.(file) ?? [];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  while (child.exitCode === null && !(await listens(port))) await delay(20);
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
