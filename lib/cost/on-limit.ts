/** What becomes of calls in flight when a run's budget is spent. */
export const ON_LIMIT = ['drain', 'cancel'] as const;

export type OnLimit = (typeof ON_LIMIT)[number];
