// Vercel's AI SDK with its Azure provider. It adds /v1 only for Azure's own host names, so that a gateway's address has it.
import { createAzure } from '@ai-sdk/azure'
import { embed, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'

import { water } from './water.mjs'

export async function aiSDK(endpoint, { kind, deployment, key, token, prompt }) {
  const azure = createAzure({
    baseURL: endpoint + '/openai/v1',
    ...(token ? { tokenProvider: async () => token } : { apiKey: key }),
    ...(token && key ? { headers: { 'api-key': key } } : {}),
  })
  if (kind === 'embedding') {
    const made = await embed({ model: azure.textEmbeddingModel(deployment), value: prompt, maxRetries: 0 })
    return { size: made.embedding.length, tokens: made.usage.tokens }
  }
  if (kind === 'parse') {
    const made = await generateObject({ model: azure(deployment), schema: jsonSchema(water), prompt, maxRetries: 0 })
    return { text: JSON.stringify(made.object), tokens: made.usage.totalTokens }
  }
  if (kind === 'tools') return tools(azure(deployment), prompt)
  if (kind === 'response') return response(azure(deployment), prompt, unstored)
  if (kind === 'stored') return response(azure(deployment), prompt, {})
  if (kind === 'plain') {
    // Its default is the responses operation.
    const made = await generateText({ model: azure(deployment), prompt, maxRetries: 0 })
    return { text: made.text, tokens: made.usage.totalTokens }
  }
  let failure
  const made = streamText({ model: azure.chat(deployment), prompt, maxRetries: 0, onError: ({ error }) => { failure = error } })
  let whole = ''
  let pieces = 0
  for await (const piece of made.textStream) {
    whole += piece
    pieces++
  }
  if (failure) throw failure
  return { text: whole, size: pieces }
}

// Without it the library sends ids of items that an account has, which the gateway refuses: an id does not say whose it is, nor where.
const unstored = { azure: { store: false, include: ['reasoning.encrypted_content'] } }

// A call of a function, and the answer to its result.
async function tools(model, prompt) {
  let calls = 0
  const level = tool({
    description: 'The level of a river',
    inputSchema: jsonSchema({ type: 'object', additionalProperties: false, required: ['river'], properties: { river: { type: 'string' } } }),
    execute: () => {
      calls++
      return prompt
    },
  })
  const made = await generateText({
    model, prompt, tools: { level }, stopWhen: stepCountIs(2), maxRetries: 0, providerOptions: unstored,
    prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'auto' }),
  })
  return { text: made.text, tokens: made.usage.totalTokens, size: calls }
}

// A conversation that its caller keeps.
async function response(model, prompt, providerOptions) {
  const messages = [{ role: 'user', content: prompt }]
  const first = await generateText({ model, messages, maxRetries: 0, providerOptions })
  messages.push(...first.response.messages, { role: 'user', content: prompt })
  const second = await generateText({ model, messages, maxRetries: 0, providerOptions })
  return { text: second.text, tokens: second.usage.totalTokens, size: second.usage.inputTokens > first.usage.inputTokens ? 2 : 1 }
}
