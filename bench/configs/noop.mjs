import { step } from '@flowline/orchestrator';
import { work } from '../programs/steps.js';

/** As a step of a config: asynchronous, and nothing to do. */
export default step('noop', work);
