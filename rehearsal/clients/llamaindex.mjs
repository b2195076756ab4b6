// LlamaIndex.TS on v1, with the key in a default header. Its packages are no longer maintained; those who have them can go on.
import { tool } from '@llamaindex/core/tools'
import { OpenAI, OpenAIEmbedding } from '@llamaindex/openai'

import { water } from './water.mjs'

export async function llamaIndex(endpoint, { kind, deployment, key, token, prompt }) {
  const options = {
    model: deployment,
    baseURL: endpoint + '/openai/v1',
    apiKey: token || 'unused',
    maxRetries: 0,
    additionalSessionOptions: key ? { defaultHeaders: { 'api-key': key } } : {},
  }
  if (kind === 'embedding') {
    return { size: (await new OpenAIEmbedding(options).getTextEmbedding(prompt)).length }
  }
  // Models that reason take no other temperature.
  const llm = new OpenAI({ ...options, temperature: 1 })
  const messages = [{ role: 'user', content: prompt }]
  if (kind === 'parse') {
    const responseFormat = { type: 'json_schema', json_schema: { name: 'water', strict: true, schema: water } }
    return { text: (await llm.chat({ messages, responseFormat })).message.content }
  }
  if (kind === 'tools') return tools(llm, messages)
  if (kind === 'plain') {
    const made = await llm.chat({ messages })
    return { text: made.message.content, tokens: made.raw.usage.total_tokens }
  }
  let whole = ''
  let pieces = 0
  for await (const { delta } of await llm.chat({ messages, stream: true })) {
    if (delta) {
      whole += delta
      pieces++
    }
  }
  return { text: whole, size: pieces }
}

// A call of a function, put together from a stream, and the answer to its result.
async function tools(llm, messages) {
  const level = tool(() => messages[0].content, {
    name: 'get_level', description: 'The level of a river',
    parameters: { type: 'object', additionalProperties: false, required: ['river'], properties: { river: { type: 'string' } } },
  })
  const { stream, newMessages, toolCalls } = await llm.exec({ messages, tools: [level], stream: true, additionalChatOptions: { tool_choice: 'required' } })
  for await (const _ of stream); // the call is complete when the stream ends
  const made = await llm.chat({ messages: [...messages, ...newMessages()], tools: [level] })
  return { text: made.message.content, tokens: made.raw.usage.total_tokens, size: toolCalls.length }
}
