// The schema that answers are parsed by.
export const water = {
  type: 'object', additionalProperties: false, required: ['name', 'kind', 'next'],
  properties: { name: { type: 'string' }, kind: { type: 'string', enum: ['river', 'lake'] }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
}
