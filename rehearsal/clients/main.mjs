// Reads calls as JSON from standard input, makes each with the library it names, and writes what the library made of it.
//
//   {"endpoint": "https://…", "calls": [{"client", "kind", "deployment", "base", "key", "token", "prompt"}]}
//   [{"text", "tokens", "size", "status", "error"}]
import { text } from 'node:stream/consumers'

import { agents } from './agents.mjs'
import { aiSDK } from './ai.mjs'
import { langChain } from './langchain.mjs'
import { llamaIndex } from './llamaindex.mjs'
import { azureOpenAI, openAI } from './openai.mjs'

const clients = { AzureOpenAI: azureOpenAI, OpenAI: openAI, LangChain: langChain, 'AI SDK': aiSDK, LlamaIndex: llamaIndex, Agents: agents }

const { endpoint, calls } = JSON.parse(await text(process.stdin))

async function run(call) {
  const address = endpoint + (call.base ? '/' + call.base : '')
  try {
    return await clients[call.client](address, call)
  } catch (error) {
    // Every library wraps errors in its own way; what a person would be shown is the message.
    const cause = error.lastError ?? error
    return { status: cause.status ?? cause.statusCode ?? 0, error: String(cause.message ?? cause) }
  }
}

const results = []
for (const call of calls) results.push(await run(call))
process.stdout.write(JSON.stringify(results))
