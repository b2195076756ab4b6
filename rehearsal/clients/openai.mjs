// OpenAI's own library: AzureOpenAI for the dated surface, OpenAI for v1, the key in a default header as the README says.
import OpenAI, { AzureOpenAI, toFile } from 'openai'

import { water } from './water.mjs'

const apiVersion = '2024-10-21'
// The dated surface has responses, which files are for, in previews only.
const previewVersion = '2025-04-01-preview'

export function azureOpenAI(endpoint, { deployment, key, token, ...call }) {
  const credential = token ? { azureADTokenProvider: async () => token } : { apiKey: key }
  const defaultHeaders = token && key ? { 'api-key': key } : undefined
  const version = call.kind === 'response' || call.kind === 'files' ? previewVersion : apiVersion
  const client = new AzureOpenAI({ endpoint, apiVersion: version, defaultHeaders, maxRetries: 0, ...credential })
  return use(client, deployment, call)
}

export function openAI(endpoint, { deployment, key, token, ...call }) {
  const defaultHeaders = key ? { 'api-key': key } : undefined
  const client = new OpenAI({ baseURL: endpoint + '/openai/v1', apiKey: token || 'unused', defaultHeaders, maxRetries: 0 })
  return use(client, deployment, call)
}

async function use(client, model, { kind, prompt }) {
  if (kind === 'embedding') {
    const made = await client.embeddings.create({ model, input: prompt })
    return { size: made.data[0].embedding.length, tokens: made.usage.total_tokens }
  }
  const messages = [{ role: 'user', content: prompt }]
  if (kind === 'parse') return parse(client, model, messages)
  if (kind === 'tools') return tools(client, model, messages)
  if (kind === 'response') return response(client, model, prompt)
  if (kind === 'files') return files(client, model, prompt)
  if (kind === 'plain') {
    const made = await client.chat.completions.create({ model, messages })
    return { text: made.choices[0].message.content, tokens: made.usage.total_tokens }
  }
  let whole = ''
  let pieces = 0
  for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
    const piece = chunk.choices[0]?.delta?.content
    if (piece) {
      whole += piece
      pieces++
    }
  }
  return { text: whole, size: pieces }
}

// A value of a schema, as the library parses it.
async function parse(client, model, messages) {
  const made = await client.chat.completions.parse({
    model, messages, response_format: { type: 'json_schema', json_schema: { name: 'water', strict: true, schema: water } },
  })
  return { text: JSON.stringify(made.choices[0].message.parsed), tokens: made.usage.total_tokens }
}

// A call of a function, put together from a stream, and the answer to its result.
async function tools(client, model, messages) {
  const offered = [{
    type: 'function',
    function: {
      name: 'get_level', strict: true,
      parameters: { type: 'object', additionalProperties: false, required: ['river'], properties: { river: { type: 'string' } } },
    },
  }]
  const called = await client.chat.completions.stream({ model, messages, tools: offered, tool_choice: 'required' }).finalChatCompletion()
  const message = called.choices[0].message
  const results = message.tool_calls.map((call) => {
    if (typeof JSON.parse(call.function.arguments).river !== 'string') throw new Error('arguments without a river: ' + call.function.arguments)
    return { role: 'tool', tool_call_id: call.id, content: messages[0].content }
  })
  const made = await client.chat.completions.create({ model, messages: [...messages, message, ...results], tools: offered })
  return { text: made.choices[0].message.content, tokens: made.usage.total_tokens, size: results.length }
}

// A response that is continued, read again and deleted.
async function response(client, model, input) {
  const first = await client.responses.create({ model, input })
  const second = await client.responses.create({ model, input, previous_response_id: first.id })
  const read = await client.responses.retrieve(second.id)
  for (const { id } of [first, second]) {
    await client.responses.delete(id)
    const left = await client.responses.retrieve(id).then(() => true, (error) => error.status !== 404)
    if (left) throw new Error('a deleted response was read')
  }
  return { text: read.output_text, tokens: second.usage.total_tokens, size: second.usage.input_tokens > first.usage.input_tokens ? 2 : 1 }
}

// A file that is uploaded, read by a model, downloaded and deleted.
async function files(client, model, text) {
  const content = 'The Rhine is 1,230 km long.'
  const { id } = await client.files.create({ file: await toFile(Buffer.from(content), 'rivers.pdf'), purpose: 'assistants' })
  const made = await client.responses.create({
    model, input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }, { type: 'input_text', text }] }],
  })
  const read = await client.files.retrieve(id)
  if (read.id !== id || read.bytes !== content.length) throw new Error('another file was read: ' + JSON.stringify(read))
  const downloaded = await (await client.files.content(id)).text()
  if (downloaded !== content) throw new Error('another content was downloaded: ' + downloaded)
  await client.files.delete(id)
  const left = await client.files.retrieve(id).then(() => true, (error) => error.status !== 404)
  if (left) throw new Error('a deleted file was read')
  return { text: made.output_text, tokens: made.usage.total_tokens }
}
