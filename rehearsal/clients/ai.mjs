// Vercel's AI SDK with its Azure provider. It adds /v1 only for Azure's own host names, so that a gateway's address has it.
import { createAzure } from '@ai-sdk/azure'
import { embed, generateObject, generateText, jsonSchema, streamText } from 'ai'

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
