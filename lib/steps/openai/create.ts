import type { StepFailure } from '../../errors.js';
import type { Checked, StepBody, StepEnvironment } from '../contract.js';
import { fittingOf } from '../fitting.js';
import { answerTo } from './call.js';
import { chat } from './chat.js';
import { DEFAULT_MODEL, type OpenAIConfig } from './config.js';
import { connect } from './connection.js';
import { responses } from './responses.js';
import { serverOf } from './server.js';

/** Tells the stand-in for the model that a list is wanted, which it can't read from a prompt. */
const LIST = { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 };

/** Makes the step: checks key, server and schema, and connects. */
export async function createOpenAI(config: Checked<OpenAIConfig>, setup: StepEnvironment): Promise<StepBody> {
  const { prompt = '', instructions = '', request = {}, model = DEFAULT_MODEL } = config;
  const schema = config.schema ?? (setup.simulation && config.array ? LIST : null);
  const asked = { model, schema, request };
  const server = serverOf(config, setup);
  const fitting = await fittingOf(schema, 'the answer', setup.where);
  const api = config.api === 'chat' ? chat : responses;
  const inputOf = setup.prompt(prompt);
  const instructionsOf = setup.template(instructions);
  const { client, close } = connect(server, setup, config);
  return {
    settles: true,
    close,
    lane: { type: 'openai', model, resource: JSON.stringify([server.baseUrl, server.key]) },
    fingerprint: {
      static: {
        type: 'openai',
        ...asked,
        api: api.name,
        server: setup.simulation ? 'simulated' : server.baseUrl,
        prompt: inputOf.words,
        instructions: instructionsOf.words,
      },
      labels: [...inputOf.names, ...instructionsOf.names],
      dynamic: (flow) => [...inputOf.inserts(flow), ...instructionsOf.inserts(flow)],
      shareable: true,
    },
    async run(flow, context) {
      if (setup.simulation) context.tell({ simulated: true });
      const input = corrected(await inputOf(flow, context), context.failure);
      const question = { ...asked, input, instructions: await instructionsOf(flow, context) };
      return fitting(await answerTo({ client, server, api, question }, context));
    },
  };
}

/** The prompt, followed by the mistake in the last answer. */
function corrected(prompt: string, failure: StepFailure | undefined): string {
  if (failure?.kind !== 'bad_output') return prompt;
  return `${prompt}\n\nAn earlier answer was rejected: ${failure.message}. Answer anew, so that it is accepted.`;
}
