// LangChain's Azure classes, which have names of their own for everything.
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { AzureChatOpenAI, AzureOpenAIEmbeddings } from '@langchain/openai'

import { water } from './water.mjs'

export async function langChain(endpoint, { kind, deployment, key, token, prompt }) {
  const options = {
    azureOpenAIEndpoint: endpoint,
    azureOpenAIApiVersion: '2024-10-21',
    maxRetries: 0,
    ...(token ? { azureADTokenProvider: async () => token } : { azureOpenAIApiKey: key }),
    ...(token && key ? { configuration: { defaultHeaders: { 'api-key': key } } } : {}),
  }
  if (kind === 'embedding') {
    // This class knows no endpoint, only the path before the deployment.
    const embeddings = new AzureOpenAIEmbeddings({ ...options, azureOpenAIBasePath: endpoint + '/openai/deployments', azureOpenAIApiDeploymentName: deployment })
    return { size: (await embeddings.embedQuery(prompt)).length }
  }
  const model = new AzureChatOpenAI({ ...options, azureOpenAIApiDeploymentName: deployment, model: deployment })
  if (kind === 'parse') {
    return { text: JSON.stringify(await model.withStructuredOutput({ title: 'water', ...water }, { method: 'jsonSchema' }).invoke(prompt)) }
  }
  if (kind === 'tools') return tools(model, prompt)
  if (kind === 'plain') {
    const made = await model.invoke(prompt)
    return { text: made.content, tokens: made.usage_metadata?.total_tokens }
  }
  let whole = ''
  let pieces = 0
  for await (const chunk of await model.stream(prompt)) {
    if (chunk.content) {
      whole += chunk.content
      pieces++
    }
  }
  return { text: whole, size: pieces }
}

// A call of a function, and the answer to its result.
async function tools(model, prompt) {
  const level = {
    type: 'function',
    function: {
      name: 'get_level',
      parameters: { type: 'object', additionalProperties: false, required: ['river'], properties: { river: { type: 'string' } } },
    },
  }
  const messages = [new HumanMessage(prompt)]
  const called = await model.bindTools([level], { tool_choice: 'required' }).invoke(messages)
  const results = called.tool_calls.map(({ id }) => new ToolMessage({ tool_call_id: id, content: prompt }))
  const made = await model.bindTools([level]).invoke([...messages, called, ...results])
  return { text: made.content, tokens: made.usage_metadata?.total_tokens, size: results.length }
}
