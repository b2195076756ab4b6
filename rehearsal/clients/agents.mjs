// OpenAI's Agents SDK on v1. It sends traces, with prompts, to OpenAI's own servers unless tracing is off.
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents'
import OpenAI from 'openai'

import { water } from './water.mjs'

export async function agents(endpoint, { kind, deployment, key, token, prompt }) {
  const openAIClient = new OpenAI({
    baseURL: endpoint + '/openai/v1',
    apiKey: token || 'unused',
    defaultHeaders: key ? { 'api-key': key } : undefined,
    maxRetries: 0,
  })
  const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient }), tracingDisabled: true })
  const agent = { name: 'hydrologist', instructions: 'You know rivers.', model: deployment }
  if (kind === 'parse') {
    const outputType = { type: 'json_schema', name: 'water', strict: true, schema: water }
    const made = await runner.run(new Agent({ ...agent, outputType }), prompt)
    return { text: JSON.stringify(made.finalOutput), tokens: tokensOf(made) }
  }
  if (kind === 'tools') return tools(runner, agent, prompt)
  if (kind === 'response') return response(runner, agent, prompt)
  if (kind === 'plain') {
    const made = await runner.run(new Agent(agent), prompt)
    return { text: made.finalOutput, tokens: tokensOf(made) }
  }
  const made = await runner.run(new Agent(agent), prompt, { stream: true })
  let whole = ''
  let pieces = 0
  for await (const piece of made.toTextStream()) {
    whole += piece
    pieces++
  }
  await made.completed
  return { text: whole, size: pieces }
}

const tokensOf = (made) => made.rawResponses.at(-1).usage.totalTokens

// An agent that has to use its tool once, and answers with its result.
async function tools(runner, agent, prompt) {
  let calls = 0
  const level = tool({
    name: 'get_level', description: 'The level of a river', strict: true,
    parameters: { type: 'object', additionalProperties: false, required: ['river'], properties: { river: { type: 'string' } } },
    execute: () => {
      calls++
      return prompt
    },
  })
  const made = await runner.run(new Agent({ ...agent, tools: [level], modelSettings: { toolChoice: 'required' } }), prompt)
  return { text: made.finalOutput, tokens: tokensOf(made), size: calls }
}

// A conversation that the account keeps: the next run sends what is new, and goes to the account that has the rest.
async function response(runner, agent, prompt) {
  const hydrologist = new Agent(agent)
  const first = await runner.run(hydrologist, prompt)
  const second = await runner.run(hydrologist, prompt, { previousResponseId: first.lastResponseId })
  const [before, after] = [first, second].map((made) => made.rawResponses.at(-1).usage.inputTokens)
  return { text: second.finalOutput, tokens: tokensOf(second), size: after > before ? 2 : 1 }
}
