// OpenAI's own library: AzureOpenAI for the dated surface, OpenAI for v1, the key in a default header as the README says.
import OpenAI, { AzureOpenAI } from 'openai'

const apiVersion = '2024-10-21'

export function azureOpenAI(endpoint, { deployment, key, token, ...call }) {
  const credential = token ? { azureADTokenProvider: async () => token } : { apiKey: key }
  const defaultHeaders = token && key ? { 'api-key': key } : undefined
  return use(new AzureOpenAI({ endpoint, apiVersion, defaultHeaders, maxRetries: 0, ...credential }), deployment, call)
}

export function openAI(endpoint, { deployment, key, token, ...call }) {
  const defaultHeaders = key ? { 'api-key': key } : undefined
  return use(new OpenAI({ baseURL: endpoint + '/openai/v1', apiKey: token || 'unused', defaultHeaders, maxRetries: 0 }), deployment, call)
}

async function use(client, model, { kind, prompt }) {
  if (kind === 'embedding') {
    const made = await client.embeddings.create({ model, input: prompt })
    return { size: made.data[0].embedding.length, tokens: made.usage.total_tokens }
  }
  const messages = [{ role: 'user', content: prompt }]
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
