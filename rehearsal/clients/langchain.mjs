// LangChain's Azure classes, which have names of their own for everything.
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
