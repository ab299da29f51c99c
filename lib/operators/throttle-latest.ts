import {
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';

/**
 * Lets the first value through at the end of the turn in which it came (what a turn begins and ends at once is never
 * seen half done), then at most one each `ms`: the latest. The last value is never lost, and never late: when the source
 * completes it is emitted at once. (`auditTime` and `throttleTime` keep it waiting.)
 */
export function throttleLatest<T>(
  ms: number,
  scheduler: SchedulerLike = asyncScheduler,
): OperatorFunction<T, T> {
  return (source$) =>
    new Observable((subscriber) => {
      let latest: { readonly value: T } | undefined;
      let pause: Subscription | undefined;
      const flush = () => {
        pause = undefined;
        if (!latest) return;
        const { value } = latest;
        latest = undefined;
        pause = scheduler.schedule(flush, ms);
        subscriber.next(value);
      };
      subscriber.add(() => pause?.unsubscribe());
      const source = source$.subscribe({
        next: (value) => {
          latest = { value };
          pause ??= scheduler.schedule(flush, 0);
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          if (latest) subscriber.next(latest.value);
          subscriber.complete();
        },
      });
      subscriber.add(source);
    });
}
