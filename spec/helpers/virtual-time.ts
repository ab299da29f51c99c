import { install } from '@sinonjs/fake-timers';

/** The timers and clocks of this process, which only go on when they are told to. */
export interface VirtualTime extends Disposable {
  /** Lets so many milliseconds pass, timer by timer, with all that follows from each of them. */
  pass(ms: number): Promise<void>;
}

/**
 * Until it is disposed of, the time of this process is virtual: `using time = virtualTime()`. Files, sockets, child
 * processes and `node:timers/promises` stay as they are.
 */
export function virtualTime(): VirtualTime {
  const clock = install({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  });
  return {
    async pass(ms) {
      await clock.tickAsync(ms);
    },
    [Symbol.dispose]: () => clock.uninstall(),
  };
}
